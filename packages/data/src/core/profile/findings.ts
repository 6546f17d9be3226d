/** Turns what is known of a table into findings, each with the line to add to the spec. */
import { specLine } from '@lockstep/spec';
import { binsOf, errorReduction, pearson } from './association.js';
import { type Association, type Bar, type ColumnProfile, FINDING_KINDS, type Finding } from './profile.js';
import { plainSpelling, sameThings } from './spellings.js';

/** Share of the guesser's errors that one feature takes away, or correlation, from which it is suspected of leaking. */
const LEAK = { errors: 0.95, correlation: 0.999 } as const;
/** Share of different values from which a column is taken for an id. */
const IDENTIFIER_SHARE = 0.95;
/** Rows below which nothing is taken for an id. */
const IDENTIFIER_ROWS = 20;
/** Association from which two columns are called the same. */
const SAME_COLUMN = 0.98;
/** Different texts from which rare ones should be thrown together. */
const MANY_CATEGORIES = 50;
/** Share of missing cells that is worth an indicator. */
const MISSING_SHARE = 0.05;
/** Interquartile ranges beyond the quartiles from which a value is far off. */
const FAR = 10;
/** Rows of a class below which it can hardly be learned. */
const RARE_CLASS = 10;

/** What keeps a column from having a type. */
export interface Trouble {
  readonly message: string;
  readonly fix: string;
  /** The part of a spec that mends it; null where none is sure to be right. */
  readonly settings: object | null;
}

/** A column with its cells in the sample. */
export interface SampledColumn {
  readonly profile: ColumnProfile;
  /** What keeps it from having a type, and what to do about it; null where nothing does. */
  readonly trouble: Trouble | null;
  /** In the order of the sample; NaN is missing or no number. Null where the column is none of numbers. */
  readonly numbers: Float64Array | null;
  readonly cells: readonly (string | null)[];
  /** Its different values where there are at most 1,000. */
  readonly values: readonly string[];
  readonly isWhole: boolean;
}

/** What findings are made from. */
export interface Evidence {
  readonly rowCount: number;
  readonly columns: readonly SampledColumn[];
  readonly label: SampledColumn | null;
  /** Empty for a label of numbers. */
  readonly classes: readonly Bar[];
  readonly associations: readonly Association[];
  readonly duplicateRows: { readonly rows: number; readonly isExact: boolean };
}

/** All findings, the gravest first. */
export function findingsOf(evidence: Evidence): Finding[] {
  const { label, columns, rowCount } = evidence;
  const features = columns.filter((column) => column !== label);
  const found = [
    ...features.flatMap((column) => featureFindings(column, rowCount)),
    ...(label ? labelFindings(label, evidence) : []),
    ...(label ? features.flatMap((column) => leakage(column, label, evidence.classes)) : []),
    ...duplicates(evidence),
    ...evidence.associations.flatMap((pair) => sameColumn(pair, label)),
  ];
  // A column that is to be left out needs no further advice.
  const gone = new Set(found.filter(({ yaml }) => yaml.startsWith('data: { ignore')).map(({ column }) => column));
  const rank = ({ kind }: Finding): number => FINDING_KINDS.indexOf(kind);
  return found
    .filter((finding) => !gone.has(finding.column) || finding.yaml.startsWith('data: { ignore'))
    .filter((finding, index, all) => !gone.has(finding.column) || firstOf(all, finding) === index)
    .sort((a, b) => rank(a) - rank(b));
}

/** Place of the gravest reason to leave a column out. */
function firstOf(all: readonly Finding[], { column }: Finding): number {
  const own = all.filter((other) => other.column === column);
  const gravest = own.reduce((a, b) => (FINDING_KINDS.indexOf(b.kind) < FINDING_KINDS.indexOf(a.kind) ? b : a));
  return all.indexOf(gravest);
}

function ignore(kind: Finding['kind'], column: string, message: string): Finding {
  const yaml = specLine({ data: { ignore: [column] } });
  return { kind, column, message, yaml, fix: 'Leave it out of the features.' };
}

function setting(kind: Finding['kind'], column: string, message: string, settings: object, fix: string): Finding {
  return { kind, column, message, fix, yaml: specLine({ preprocess: { columns: { [column]: settings } } }) };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** A number as short as it can be read. */
function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}

function featureFindings({ profile, trouble, values, numbers, isWhole }: SampledColumn, rowCount: number): Finding[] {
  const { name, missing, distinct, type } = profile;
  const there = rowCount - missing;
  if (there === 0) return [ignore('empty', name, `${name} has no values.`)];
  if (trouble) {
    const isRepeated = there >= IDENTIFIER_ROWS && values.length > 0 && distinct < IDENTIFIER_SHARE * there;
    return [unusable(name, isRepeated && isIgnored(trouble.settings) ? asText(name, trouble) : trouble)];
  }
  if (distinct === 1) return [ignore('constant', name, `${name} has the same value in every row that has one.`)];
  const isText = type === 'text';
  const found: Finding[] = [];
  if (there >= IDENTIFIER_ROWS && distinct >= IDENTIFIER_SHARE * there && (isText || (isWhole && missing === 0))) {
    const message = `${name} has ${distinct} different values in ${there} rows: an id, or free text (rule: ${percent(IDENTIFIER_SHARE)} of the rows).`;
    return [ignore('identifier', name, message)];
  }
  if (isText && distinct > MANY_CATEGORIES) {
    const message = `${name} has ${distinct} different texts, each of which becomes a feature.`;
    const fix = 'Throw rare ones together.';
    found.push(setting('manyCategories', name, message, { minFrequency: 0.01, unknown: 'rare' }, fix));
  }
  if (isText) found.push(...sameValues(name, values));
  if (missing >= MISSING_SHARE * rowCount) {
    const message = `${name} is missing in ${missing} of ${rowCount} rows (${percent(missing / rowCount)}).`;
    const fix = 'Fill it, and tell the model where it was missing.';
    const settings = isText ? { missing: 'category' } : { missing: 'median', indicator: true };
    found.push(setting('missing', name, message, settings, fix));
  }
  return numbers ? [...found, ...farOutliers(profile)] : found;
}

/** Ids that come again and again say something of a row: as categories they may stay. */
function asText(column: string, trouble: Trouble): Trouble {
  return { ...trouble, settings: { data: { types: { [column]: 'text' } } } };
}

/** Whether settings leave a column out. */
function isIgnored(settings: { readonly data?: object } | null): boolean {
  return Object.hasOwn(settings?.data ?? {}, 'ignore');
}

/** A column that training would refuse, with what its error says of the way out. */
function unusable(column: string, { message, fix, settings }: Trouble): Finding {
  return { kind: 'unusable', column, message, fix, yaml: settings ? specLine(settings) : '' };
}

function sameValues(column: string, values: readonly string[]): Finding[] {
  return sameThings(values).map(({ values: spellings, differ }) => ({
    kind: 'sameValue',
    column,
    message: `${column} has ${spellings.map((value) => JSON.stringify(value)).join(', ')}, which differ in ${differ}.`,
    fix: 'Spell each category in one way, if they are the same.',
    yaml: '',
  }));
}

function farOutliers({ name, numbers }: ColumnProfile): Finding[] {
  if (!numbers) return [];
  const [, low, , high] = numbers.quantiles;
  const reach = FAR * (high - low);
  if (reach === 0 || (numbers.minimum >= low - reach && numbers.maximum <= high + reach)) return [];
  const message = `${name} reaches from ${short(numbers.minimum)} to ${short(numbers.maximum)}, half of it lies between ${short(low)} and ${short(high)} (rule: ${FAR} interquartile ranges beyond).`;
  const settings = { outliers: { method: 'iqr', threshold: 3, action: 'clip' } };
  return [setting('farOutliers', name, message, settings, 'Cut the values, or mend them.')];
}

function labelFindings({ profile, trouble, values }: SampledColumn, { classes, rowCount }: Evidence): Finding[] {
  const { name, missing } = profile;
  if (missing === rowCount) {
    const message = `The label ${name} has no values: there is nothing to learn.`;
    const fix = 'Fill the cells, or give another --label.';
    return [{ kind: 'labelMissing', column: name, message, fix, yaml: '' }];
  }
  const found: Finding[] = [];
  // Other texts may be classes.
  if (trouble?.settings && isNumbers(trouble.settings)) found.push(unusable(name, trouble));
  if (missing > 0) {
    const message = `The label ${name} is missing in ${missing} of ${rowCount} rows.`;
    const fix = 'Fill the cells, or leave the rows out.';
    const yaml = specLine({ data: { labels: { onUnusable: 'drop' } } });
    found.push({ kind: 'labelMissing', column: name, message, fix, yaml });
  }
  if (classes.length === 0) return found;
  for (const { values: spellings, differ } of sameThings(values)) {
    const message = `The label ${name} has ${spellings.map((value) => JSON.stringify(value)).join(', ')}, which differ in ${differ}.`;
    const isFolded = differ === 'case or blanks';
    const yaml = isFolded ? specLine({ data: { labels: { foldCase: true } } }) : '';
    found.push({ kind: 'sameLabel', column: name, message, fix: 'Spell each class in one way.', yaml });
  }
  const rare = classes.filter(({ rows }) => rows < RARE_CLASS);
  if (rare.length > 0) {
    const shown = rare.slice(0, 5).map(({ label, rows }) => `${JSON.stringify(label)} ${rows}`);
    const message = `${rare.length} of ${classes.length} classes of ${name} have fewer than ${RARE_CLASS} rows: ${shown.join(', ')}.`;
    const fix = 'Keep the split stratified, which it is unless told otherwise; collect more rows of them.';
    found.push({ kind: 'rareClass', column: name, message, fix, yaml: specLine({ split: { stratify: true } }) });
  }
  return found;
}

/** Whether settings say how numbers are written. */
function isNumbers(settings: { readonly data?: object }): boolean {
  return ['decimal', 'thousands'].some((key) => Object.hasOwn(settings.data ?? {}, key));
}

/** A feature that alone says what the label is. */
function leakage({ profile, numbers, cells }: SampledColumn, label: SampledColumn, classes: readonly Bar[]): Finding[] {
  const { name } = profile;
  const { name: labelName } = label.profile;
  if (profile.distinct < 2) return [];
  if (classes.length === 0) {
    if (!numbers || !label.numbers) return [];
    const found = Math.abs(pearson(numbers, label.numbers));
    if (!(found >= LEAK.correlation)) return [];
    const message = `${name} is the label ${labelName} in other units: correlation ${found.toFixed(4)} (rule: ${LEAK.correlation}). Is it known before the label is?`;
    return [ignore('leakage', name, message)];
  }
  const rows = [...label.cells.keys()].filter((row) => label.cells[row] !== null);
  const groups = numbers ? binsOf(numbers) : categoriesOf(cells);
  if (!groups) return [];
  const reduction = errorReduction(
    rows.map((row) => groups[row]!),
    // Spellings of one class are one here.
    rows.map((row) => plainSpelling(label.cells[row]!)),
  );
  if (reduction < LEAK.errors) return [];
  const message = `${name} alone tells the label ${labelName}: it takes away ${percent(reduction)} of the errors of always guessing the most frequent class (rule: ${percent(LEAK.errors)}). Is it known before the label is?`;
  return [ignore('leakage', name, message)];
}

/** Number of each category; null where there are too many for the sample to say anything. */
function categoriesOf(cells: readonly (string | null)[]): number[] | null {
  const numbers = new Map<string | null, number>();
  const groups = cells.map((cell) => {
    const known = numbers.get(cell) ?? numbers.size;
    numbers.set(cell, known);
    return known;
  });
  return numbers.size * IDENTIFIER_ROWS > cells.length ? null : groups;
}

function duplicates({ duplicateRows: { rows, isExact }, rowCount }: Evidence): Finding[] {
  if (rows === 0) return [];
  const message = `${isExact ? '' : 'About '}${rows} of ${rowCount} rows repeat an earlier one in every cell: a copy in the test part makes the test easier than life.`;
  return [
    { kind: 'duplicateRows', column: '', message, fix: 'Remove the copies if they are none of their own.', yaml: '' },
  ];
}

function sameColumn({ left, right, measure, value }: Association, label: SampledColumn | null): Finding[] {
  const name = label?.profile.name;
  if (Math.abs(value) < SAME_COLUMN || left === name || right === name) return [];
  const how = measure === 'pearson' ? 'correlation' : "Cramer's V";
  const message = `${right} says what ${left} says: ${how} ${value.toFixed(3)} (rule: ${SAME_COLUMN}).`;
  return [{ ...ignore('correlated', right, message), fix: 'Leave one of them out.' }];
}
