/** Renders what the autodiff knows of each operator as docs/operators.md, which a test keeps equal. */
import { knownOperators } from '../graph/signatures.js';
import type { GradientRule } from './gradient-rule.js';
import { allRules } from './table.js';

const INTRODUCTION = `# Operators

The ONNX operators that graphs here are made of, and what the autodiff knows of each. This file is written from the rules in \`packages/model/src/autodiff/\`: run \`UPDATE_DOCS=1 npx vitest run --project unit packages/model/src/autodiff\` after a change.

- **rule**: its gradient is written as ordinary nodes, within the limits named.
- **zero**: no gradient flows through it. \`ReduceMax\` is among these because it serves as the constant shift of stable sums.
- **none**: a graph may hold it, but a gradient that would have to pass through it is refused with \`GRADIENT_UNSUPPORTED\`.
`;

/** The text of docs/operators.md. */
export function operatorsMarkdown(): string {
  const rules = allRules().map((rule): [string, GradientRule | null] => [nameOf(rule.domain ?? '', rule.op), rule]);
  const ruled = new Set(rules.map(([name]) => name));
  const others = knownOperators()
    .map((key) => nameOf(...(key.split(':') as [string, string])))
    .filter((name) => !ruled.has(name))
    .map((name): [string, null] => [name, null]);
  const rows = [...rules, ...others].sort(([left], [right]) => (left < right ? -1 : 1)).map(cellsOf);
  const head = ['Operator', 'Operator sets', 'Gradient', 'Only'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((cells) => cells[column]!.length)));
  const lines = [head, widths.map((width) => '-'.repeat(width)), ...rows].map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`,
  );
  return `${INTRODUCTION}\n${lines.join('\n')}\n`;
}

function nameOf(domain: string, op: string): string {
  return domain ? `${domain}.${op}` : op;
}

function cellsOf([name, rule]: [string, GradientRule | null]): string[] {
  if (!rule) return [`\`${name}\``, '', 'none', ''];
  return [`\`${name}\``, rule.opsets.join('-'), rule.outcome, rule.limits ?? ''];
}
