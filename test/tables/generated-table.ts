/** Whole tables made by chance, with the number or text that each cell stands for. */
import fc from 'fast-check';
import { DateTime } from 'luxon';

/** How the numbers of a table are written, and where its clocks hang. */
export interface Dialect {
  readonly decimal: '.' | ',';
  readonly thousands: '' | '.' | ',' | ' ' | "'";
  readonly timeZone: string;
  /** Spellings of a missing cell; the first is nothing at all. */
  readonly nulls: readonly string[];
}

/** What a column holds. */
export type ColumnKind = 'number' | 'text' | 'boolean' | 'date';

/** A cell: how it is spelled in text files, and what it means. */
export interface Cell {
  /** Null is missing. */
  readonly text: string | null;
  /** The same as a value of JSON or Parquet that is no string, where the column is {@link GeneratedColumn.isNative}. */
  readonly plain: string | null;
  /** A number (a boolean is 1 or 0, a date is milliseconds since 1970) or a text; NaN and null are missing. */
  readonly value: number | string | null;
}

/** A column. */
export interface GeneratedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly cells: readonly Cell[];
  /** Whether JSON and Parquet hold its own type instead of strings. */
  readonly isNative: boolean;
  /** Whether the spec has to name its type. */
  readonly isDeclared: boolean;
}

/** A table with the part of a job spec that fits it. */
export interface GeneratedTable {
  readonly dialect: Dialect;
  readonly rowCount: number;
  /** Ids, features, weights and the label, in file order. */
  readonly columns: readonly GeneratedColumn[];
  /** Column of texts that differ in every row; it is ignored and kept. */
  readonly id: string;
  readonly features: readonly GeneratedColumn[];
  readonly weight: GeneratedColumn | null;
  readonly label: GeneratedColumn;
  /** A job spec without the path of its data. */
  readonly spec: Readonly<Record<string, object | string>>;
}

const MOST_ROWS = 24;
const FEWEST_ROWS = 8;

/** Cells of every kind, before a dialect spells them. */
type Draft =
  | { readonly kind: 'number'; readonly plain: string; readonly isGrouped: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'boolean'; readonly text: string; readonly isTrue: boolean }
  | { readonly kind: 'date'; readonly text: string; readonly hasOffset: boolean }
  | null;

const digits = fc.stringMatching(/^[0-9]{1,20}$/);
const whole = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
);
/** Numbers as programs write them. ONNX Runtime takes subnormal numbers for 0 on some machines. */
const plainNumber = fc.oneof(
  whole.map(String),
  fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), digits).map(([front, back]) => `${front}.${back}`),
  fc.double({ min: -1e15, max: 1e15, noNaN: true }).map((value) => String(Math.abs(value) < 1e-15 ? 0 : value)),
  fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -5, max: 12 })).map(([a, b]) => `${a}e${b}`),
  fc.constantFrom('+5', '.5', '5.', '-0', '0.0', '-.25', '1E3', '1e+3'),
);
const numberDraft: fc.Arbitrary<Draft> = fc.record({
  ...{ kind: fc.constant('number' as const), plain: plainNumber, isGrouped: fc.boolean() },
});

const oddText = fc.oneof(
  fc.constantFrom('', ' ', 'NA', 'null', '?', '-', '0', '007', '1e5', 'true', '2026-01-02', 'inf', '""', '"', "'"),
  fc.constantFrom('\ufeff', '\u0002', '\u0002\u0003', '=1+1', '\\N', '\\', 'sep=;', '{"a":1}', '[', '#', '__proto__'),
  fc.string({
    unit: fc.constantFrom(...'ab,;|"\'\t\n\r \u00a0\u2028é漢😀\ufeff{}[]\\=#'),
    maxLength: 8,
  }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const word = fc.constantFrom('oak', 'elm', 'yew', 'Oak', ' oak', 'zwölf', 'a,b', 'say "hi"', 'two\nlines', 'x;y');
const textDraft = (texts: fc.Arbitrary<string>): fc.Arbitrary<Draft> =>
  texts.map((text) => ({ kind: 'text', text: text.replaceAll('\0', '') }));

const trueWord = fc.constantFrom('true', 'True', 'TRUE', 't', 'yes', 'YES', 'y', 'on', ' true');
const falseWord = fc.constantFrom('false', 'False', 'f', 'no', 'NO', 'n', 'off', 'oFF ');
const booleanDraft: fc.Arbitrary<Draft> = fc.oneof(
  trueWord.map((text): Draft => ({ kind: 'boolean', text, isTrue: true })),
  falseWord.map((text): Draft => ({ kind: 'boolean', text, isTrue: false })),
);

const two = (value: number): string => String(value).padStart(2, '0');
const day = fc
  .tuple(fc.integer({ min: 1902, max: 2099 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, date]) => `${year}-${two(month)}-${two(date)}`);
/** Around noon, when no clock is put forward or back. */
const time = fc
  .tuple(fc.integer({ min: 9, max: 20 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59_999 }))
  .map(
    ([hour, minute, ms]) =>
      `${two(hour)}:${two(minute)}:${two(Math.floor(ms / 1000))}.${String(ms % 1000).padStart(3, '0')}`,
  );
const dateDraft = (hasOffset: boolean): fc.Arbitrary<Draft> =>
  fc
    .tuple(day, fc.option(time), fc.constantFrom('T', ' '), fc.constantFrom('Z', '+05:30', '-0800', '+01', ' Z'))
    .map(([date, clock, sign, offset]) => {
      const withOffset = hasOffset && clock !== null;
      return {
        kind: 'date',
        text: `${date}${clock === null ? '' : sign + clock}${withOffset ? offset : ''}`,
        hasOffset: withOffset,
      };
    });

interface DraftColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly drafts: readonly Draft[];
  readonly isNative: boolean;
  readonly isDeclared: boolean;
  /** What becomes of the column, where its kind takes it. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const cellsOf = (draft: fc.Arbitrary<Draft>, missing: number): fc.Arbitrary<readonly Draft[]> =>
  fc.array(missing > 0 ? fc.option(draft, { freq: missing, nil: null }) : draft, {
    ...{ minLength: MOST_ROWS, maxLength: MOST_ROWS },
  });

const scale = fc.constantFrom('standard', 'minMax', 'robust', 'quantile', 'none');
const missingNumber = fc.constantFrom('mean', 'median', 'mode', 'knn');

function columnsOf(
  kind: ColumnKind,
  options: {
    readonly draft: fc.Arbitrary<Draft>;
    readonly isDeclared: boolean;
    readonly canBeNative: boolean;
    readonly settings: fc.Arbitrary<Readonly<Record<string, unknown>>>;
  },
): fc.Arbitrary<Omit<DraftColumn, 'name'>> {
  const { draft, isDeclared, canBeNative, settings } = options;
  return fc
    .tuple(
      fc.constantFrom(0, 3, 8).chain((missing) => cellsOf(draft, missing)),
      canBeNative ? fc.boolean() : fc.constant(false),
      settings,
    )
    .map(([drafts, isNative, own]) => ({ kind, drafts, isNative, isDeclared, settings: own }));
}

const textSettings = fc.record(
  {
    encode: fc.constantFrom('oneHot', 'ordinal'),
    unknown: fc.constantFrom('ignore', 'other'),
    missing: fc.constantFrom('category', 'mode', 'constant'),
  },
  { requiredKeys: [] },
);
const numberSettings = fc.record({ scale, missing: missingNumber, indicator: fc.boolean() }, { requiredKeys: [] });
const parts = fc.uniqueArray(fc.constantFrom('timestamp', 'year', 'month', 'dayOfMonth', 'dayOfWeek', 'hour'), {
  minLength: 1,
});
const dateSettings = fc.record({ dateParts: parts, scale }, { requiredKeys: [] });

const feature: fc.Arbitrary<Omit<DraftColumn, 'name'>> = fc.oneof(
  columnsOf('number', { draft: numberDraft, isDeclared: false, canBeNative: true, settings: numberSettings }),
  columnsOf('text', { draft: textDraft(oddText), isDeclared: true, canBeNative: false, settings: textSettings }),
  columnsOf('text', { draft: textDraft(word), isDeclared: false, canBeNative: false, settings: textSettings }),
  columnsOf('boolean', {
    draft: booleanDraft,
    isDeclared: false,
    canBeNative: true,
    settings: fc.record({ scale }, { requiredKeys: [] }),
  }),
  columnsOf('date', {
    draft: fc.boolean().chain(dateDraft),
    isDeclared: false,
    canBeNative: true,
    settings: dateSettings,
  }),
);

const oddName = fc.oneof(
  fc.constantFrom(
    'constructor',
    'valueOf',
    'toString',
    'features',
    'target',
    'raw/a',
    'gemm_0',
    'labels_0',
    '(outlier)',
  ),
  fc.constantFrom(
    'a,b',
    'say "hi"',
    'two\nlines',
    ' blank',
    'x;y',
    'tab\there',
    'é漢',
    '😀',
    'NA',
    'a.b',
    'at=oak',
    "it's",
  ),
  fc.string({ unit: fc.constantFrom(...'abxyz_ .-=:/()é'), minLength: 1, maxLength: 6 }),
);
const isName = (name: string): boolean =>
  name.trim() !== '' &&
  /\p{L}|😀|\(/u.test(name) &&
  !/^(prediction|probabilities|probability.*|unknown|id|weight|y)$/i.test(name);

type LabelKind = 'binary' | 'classes' | 'numbers';
const labels: fc.Arbitrary<{ readonly kind: LabelKind; readonly texts: readonly string[] }> = fc.oneof(
  fc
    .constantFrom(
      ['0', '1'],
      ['-1', '1'],
      ['no', 'yes'],
      ['a,b', 'say "hi"'],
      ['false', 'true'],
      ['x\ny', 'z'],
      ['1.5', '2'],
    )
    .map((texts) => ({ kind: 'binary' as const, texts })),
  fc
    .constantFrom(['3', '4', '7'], ['red', 'blue', 'é漢'], ['0', '1', '2', 'other'], ['1e3', '2', '30'])
    .map((texts) => ({
      ...{ kind: 'classes' as const, texts },
    })),
  fc.constant({ kind: 'numbers' as const, texts: [] }),
);

const dialects: fc.Arbitrary<Dialect> = fc
  .tuple(
    fc.constantFrom<readonly [Dialect['decimal'], Dialect['thousands']]>(
      ...([
        ['.', ''],
        ['.', ''],
        ['.', ''],
        [',', ''],
        [',', '.'],
        ['.', ','],
        ['.', ' '],
        [',', "'"],
      ] as const),
    ),
    fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
    fc.constantFrom(['', 'NA', '?'], ['', '-', 'n/a'], ['']),
  )
  .map(([[decimal, thousands], timeZone, nulls]) => ({ decimal, thousands, timeZone, nulls }));

/** Splits, scales and the like of the whole table. */
const wholeTable = fc.record({
  scale,
  missing: missingNumber,
  encode: fc.constantFrom('oneHot', 'ordinal'),
  indicator: fc.boolean(),
  outliers: fc.option(
    fc.constantFrom(
      { method: 'iqr', action: 'clip' },
      { method: 'zScore', threshold: 1.5, action: 'flag' },
      { method: 'iqr', action: 'drop' },
    ),
  ),
  minFrequency: fc.option(fc.constant(2)),
  test: fc.constantFrom(0, 0.25),
  validation: fc.constantFrom(0, 0.25),
  hasWeight: fc.boolean(),
  isBalanced: fc.boolean(),
});

/** Tables that have to be accepted. */
export const tables: fc.Arbitrary<GeneratedTable> = fc
  .record({
    rowCount: fc.integer({ min: FEWEST_ROWS, max: MOST_ROWS }),
    dialect: dialects,
    names: fc.uniqueArray(oddName.filter(isName), {
      minLength: 5,
      maxLength: 5,
      selector: (name) => name.toLowerCase(),
    }),
    features: fc.array(feature, { minLength: 1, maxLength: 5 }),
    label: labels,
    labelCells: fc.array(fc.nat(), { minLength: MOST_ROWS, maxLength: MOST_ROWS }),
    weights: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: MOST_ROWS, maxLength: MOST_ROWS }),
    settings: wholeTable,
    order: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
  })
  .map((drawn) => tableOf(drawn));

interface Drawn {
  readonly rowCount: number;
  readonly dialect: Dialect;
  readonly names: readonly string[];
  readonly features: readonly Omit<DraftColumn, 'name'>[];
  readonly label: { readonly kind: LabelKind; readonly texts: readonly string[] };
  readonly labelCells: readonly number[];
  readonly weights: readonly number[];
  readonly settings: typeof wholeTable extends fc.Arbitrary<infer Settings> ? Settings : never;
  readonly order: readonly number[];
}

function tableOf({
  rowCount,
  dialect,
  names,
  features: drafted,
  label,
  labelCells,
  weights,
  settings,
  order,
}: Drawn): GeneratedTable {
  const features = drafted.map((column, at): GeneratedColumn => {
    const drafts = someValue(column.kind, column.drafts.slice(0, rowCount));
    return {
      ...{ name: names[at]!, kind: column.kind, isDeclared: column.isDeclared },
      isNative: column.isNative,
      cells: drafts.map((draft) => cellOf(draft, dialect)),
    };
  });
  const texts = (name: string, cells: readonly string[]): GeneratedColumn => ({
    ...{ name, kind: 'text', isNative: false, isDeclared: false },
    cells: cells.map((text) => ({ text, plain: text, value: text })),
  });
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const id = texts(
    'id',
    rows.map((row) => String(9_007_199_254_740_992n + BigInt(row))),
  );
  const weight = settings.hasWeight
    ? texts(
        'weight',
        rows.map((row) => String(weights[row])),
      )
    : null;
  // Every class has at least two rows, so that each part may be given some.
  const labelText = (row: number): string =>
    label.kind === 'numbers'
      ? spelled(String(labelCells[row]! % 1000), false, dialect)
      : label.texts[(row < 2 * label.texts.length ? row : labelCells[row]!) % label.texts.length]!;
  const y = texts('y', rows.map(labelText));
  const columns = [id, ...features, ...(weight ? [weight] : []), y];
  const places = new Map(columns.map((column, at) => [column, order[at]!]));
  columns.sort((a, b) => places.get(a)! - places.get(b)!);
  return {
    ...{ dialect, rowCount, columns, id: 'id', features, weight, label: y },
    spec: specOf({ dialect, drafted, features, weight, label, settings }),
  };
}

/** A column has at least one value, and a boolean one that no number can be. */
function someValue(kind: ColumnKind, drafts: readonly Draft[]): readonly Draft[] {
  const first: Draft =
    kind === 'number'
      ? { kind, plain: '1', isGrouped: false }
      : kind === 'boolean'
        ? { kind, text: 'yes', isTrue: true }
        : kind === 'date'
          ? { kind, text: '2024-02-29', hasOffset: false }
          : { kind, text: 'oak' };
  // Outliers and splits take rows away: three values are spread over the table.
  return drafts.map((draft, row) => (draft === null && row % 4 === 0 ? first : draft));
}

function cellOf(draft: Draft, dialect: Dialect): Cell {
  if (draft === null) return { text: null, plain: null, value: null };
  switch (draft.kind) {
    case 'number': {
      const value = Number(draft.plain);
      return {
        text: spelled(draft.plain, draft.isGrouped, dialect),
        plain: Object.is(value, -0) ? '-0' : String(value),
        value,
      };
    }
    case 'boolean':
      return { text: draft.text, plain: String(draft.isTrue), value: draft.isTrue ? 1 : 0 };
    case 'date':
      return { text: draft.text, plain: draft.text, value: instant(draft, dialect) };
    case 'text':
      return { text: draft.text, plain: draft.text, value: draft.text.trim() === '' ? '' : draft.text };
  }
}

/** A number in the signs of a dialect. */
export function spelled(
  plain: string,
  isGrouped: boolean,
  { decimal, thousands }: Pick<Dialect, 'decimal' | 'thousands'>,
): string {
  const [, sign = '', front = '', point = '', back = '', exponent = ''] =
    /^([+-]?)(\d*)(\.?)(\d*)(.*)$/.exec(plain) ?? [];
  const grouped = isGrouped && thousands !== '' ? front.replace(/\B(?=(\d{3})+$)/g, thousands) : front;
  return `${sign}${grouped}${point ? decimal : ''}${back}${exponent}`;
}

function instant(
  { text, hasOffset }: { readonly text: string; readonly hasOffset: boolean },
  { timeZone }: Dialect,
): number {
  const found = DateTime.fromISO(text.replace(' Z', 'Z').replace(' ', 'T'), { zone: hasOffset ? 'utc' : timeZone });
  if (!found.isValid) throw new Error(`${text}: ${found.invalidExplanation}`);
  return found.toMillis();
}

interface SpecInput {
  readonly dialect: Dialect;
  readonly drafted: readonly Omit<DraftColumn, 'name'>[];
  readonly features: readonly GeneratedColumn[];
  readonly weight: GeneratedColumn | null;
  readonly label: Drawn['label'];
  readonly settings: Drawn['settings'];
}

function specOf({ dialect, drafted, features, weight, label, settings }: SpecInput): GeneratedTable['spec'] {
  const { decimal, thousands, timeZone, nulls } = dialect;
  const { test, validation, hasWeight: _weight, isBalanced, outliers, minFrequency, ...preprocess } = settings;
  const types = features.flatMap(({ name, kind, isDeclared }) => (isDeclared ? [[name, kind] as const] : []));
  const own = features.flatMap(({ name }, at) => {
    const { settings: found } = drafted[at]!;
    const filled = found.missing === 'constant' ? { ...found, fill: 'none' } : found;
    return Object.keys(found).length > 0 ? [[name, filled] as const] : [];
  });
  const loss = { binary: 'binaryCrossEntropy', classes: 'sparseCategoricalCrossEntropy', numbers: 'mse' }[label.kind];
  const last = {
    binary: { units: 1, activation: 'sigmoid' },
    classes: { units: label.texts.length, activation: 'softmax' },
    numbers: { units: 1 },
  }[label.kind];
  return {
    name: 'generated',
    data: {
      ...{ label: 'y', ignore: ['id'], types: Object.fromEntries(types) },
      ...{ decimal, thousands, timeZone, nulls },
      ...(weight ? { weight: weight.name } : {}),
    },
    split: { test, validation, seed: 7 },
    preprocess: {
      ...preprocess,
      ...(outliers ? { outliers } : {}),
      ...(minFrequency ? { minFrequency } : {}),
      columns: Object.fromEntries(own),
    },
    model: [{ dense: { units: 3, activation: 'tanh' } }, { dense: last }],
    train: {
      ...{ loss, epochs: 1, batchSize: 'full', seed: 3 },
      ...(isBalanced && label.kind !== 'numbers' ? { classWeights: 'balanced' } : {}),
    },
  };
}
