/** Reads docs/claims.md, whose first lines say what a claim looks like, and holds outcomes to its facts. */

/** A line of a `text` block. */
export interface Fact {
  /** As written. */
  readonly text: string;
  readonly fold: 'each' | 'mean';
  readonly path: string;
  readonly relation: '=' | '>=' | '<=';
  readonly value: string;
  /** Part of the numeric class that it holds for; '' for all. */
  readonly numericClass: string;
}

/** A test that shows a claim. */
export interface NamedTest {
  readonly file: string;
  readonly name: string;
}

/** A section of the file. */
export interface Claim {
  readonly title: string;
  /** '' where tests show it. */
  readonly command: string;
  readonly facts: readonly Fact[];
  readonly tests: readonly NamedTest[];
}

/** The claims of the file. @throws Error naming a claim that nothing shows, or a line that is no fact */
export function parseClaims(markdown: string): Claim[] {
  const [, ...sections] = markdown.split(/^## /m);
  return sections.map(parseClaim);
}

/** What is wrong with outcomes; empty when the fact holds. */
export function faultOf(fact: Fact, outcomes: readonly unknown[]): string {
  const concerned = outcomes.filter((outcome) => String(valueAt(outcome, 'numericClass')).includes(fact.numericClass));
  const values = concerned.map((outcome) => valueAt(outcome, fact.path));
  const folded = fact.fold === 'mean' && values.length > 0 ? [meanOf(values)] : values;
  const wrong = folded.find((value) => !holds(fact, value));
  return wrong === undefined && !folded.includes(undefined) ? '' : `${fact.text}: it is ${JSON.stringify(wrong)}`;
}

function parseClaim(section: string): Claim {
  const title = section.slice(0, section.indexOf('\n')).trim();
  const blocks = [...section.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, kind, word = '', body = '']) => ({
    ...{ kind, word, body: body.trim() },
  }));
  const command = blocks.find(({ kind }) => kind === 'bash')?.body ?? '';
  const facts = blocks
    .filter(({ kind }) => kind === 'text')
    .flatMap(({ word, body }) => body.split('\n').map((line) => parseFact(line, word)));
  const tests = [...section.matchAll(/^Test: `(.+)` > `(.+)`$/gm)].map(([, file = '', name = '']) => ({ file, name }));
  if (tests.length === 0 && !(command && facts.length > 0)) throw new Error(`nothing shows the claim "${title}"`);
  return { title, command, facts, tests };
}

function parseFact(line: string, numericClass: string): Fact {
  const [, fold = 'each', path, relation, value] =
    /^(?:(mean) )?([\w.]+) (=|>=|<=) ([^\s()]+)(?: \(.*\))?$/.exec(line) ?? [];
  if (!path || !relation || !value) throw new Error(`"${line}" is not PATH = VALUE, PATH >= NUMBER or PATH <= NUMBER`);
  const [folding, related] = [fold as Fact['fold'], relation as Fact['relation']];
  return { text: line, fold: folding, path, relation: related, value, numericClass };
}

function holds({ relation, value }: Fact, actual: unknown): boolean {
  if (relation === '>=') return typeof actual === 'number' && actual >= Number(value);
  if (relation === '<=') return typeof actual === 'number' && actual <= Number(value);
  if (typeof actual !== 'number') return String(actual) === value;
  return actual.toFixed(value.split('.')[1]?.length ?? 0) === value;
}

function valueAt(outcome: unknown, path: string): unknown {
  let value = outcome;
  for (const key of path.split('.')) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  return value;
}

function meanOf(values: readonly unknown[]): number {
  return values.reduce((sum: number, value) => sum + Number(value), 0) / values.length;
}
