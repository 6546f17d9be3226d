/** The reference of the job spec as Markdown, from the schema. */
import { childrenOf, type Explanation, explainKey } from './explain.js';
import { parsePath } from './spec-path.js';

const SECTIONS: readonly (readonly [path: string, title: string])[] = [
  ['', 'The whole spec'],
  ['data', 'data'],
  ['data.labels', 'data.labels'],
  ['split', 'split'],
  ['preprocess', 'preprocess'],
  ['preprocess.outliers', 'preprocess.outliers'],
  ['preprocess.columns', 'preprocess.columns'],
  ['preprocess.columns.<column>.outliers', 'preprocess.columns: outliers'],
  ['model', 'model'],
  ['model.dense', 'model: dense'],
  ['model.dense.kernelRegularizer', 'model: kernelRegularizer and biasRegularizer'],
  ['model.dropout', 'model: dropout'],
  ['train', 'train'],
  ['train.optimizer', 'train.optimizer'],
  ['train.schedule', 'train.schedule'],
  ['train.gradients', 'train.gradients'],
  ['train.clip', 'train.clip'],
  ['train.earlyStopping', 'train.earlyStopping'],
  ['run', 'run'],
];

/** Sections of names, each with settings of its own. */
const NAMED_SETTINGS = new Set(['train.optimizer', 'train.schedule', 'train.gradients']);

/** Text of docs/spec.md. */
export function specMarkdown(): string {
  return `# The job spec

YAML 1.2: \`no\` is text, \`1e-3\` a number, \`08\` the number 8. Paths are relative to the folder of the spec,
of a spec from a pipe to the working directory.
Every problem is reported at once, with its line. \`lockstep validate SPEC\` also looks at the data where it is on the
same machine: a file of 4 MiB or less is read whole and refused as training would refuse it; of a larger one, the
header and the first rows are looked at.

\`lockstep explain KEY\` shows any part of this page, \`lockstep validate SPEC --resolved\` prints a spec with every
default filled in, and \`lockstep validate SPEC --schema\` the JSON Schema for editors. \`--set key.path=value\` replaces
any value.

This page is made from the schema.

${SECTIONS.map(([path, title]) => section(path, title)).join('\n')}`;
}

function section(path: string, title: string): string {
  const explanation = explainKey(path);
  const head = [`## ${title}`, ''];
  if (explanation.description) head.push(explanation.description, '');
  if (explanation.example) head.push('```yaml', explanation.example, '```', '');
  const named = NAMED_SETTINGS.has(path);
  const tables = named ? explanation.children.map(({ path: child }) => optionsOf(child)) : [table(explanation)];
  return [...head, ...tables].join('\n');
}

function optionsOf(path: string): string {
  const explanation = explainKey(path);
  const name = path.split('.').at(-1);
  const settings = explanation.children.length > 0 ? table(explanation) : `${explanation.description}\n`;
  return `### ${name}\n\n\`\`\`yaml\n${explanation.example}\n\`\`\`\n\n${settings}`;
}

function table(explanation: Explanation): string {
  const rows = explanation.children.map((child) => {
    const name = child.path.split('.').at(-1) ?? '';
    const more = childrenOf(parsePath(child.path) as readonly string[]).length > 0 && explanation.path === '';
    const key = more ? `[\`${name}\`](#${name})` : `\`${name}\``;
    const fallback = child.default ? `\`${child.default}\`` : child.required ? 'required' : '';
    return [key, child.type, fallback, child.description].map(cell);
  });
  return aligned([['key', 'value', 'default', 'meaning'], ...rows]);
}

/** Columns as wide as their widest cell, as formatters of Markdown leave them. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_cell, index) => Math.max(...rows.map((row) => row[index]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, index) => text.padEnd(widths[index]!)).join(' | ')} |\n`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [rows[0]!, rule, ...rows.slice(1)].map(line).join('');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
