/** Renders the error catalogue as docs/errors.md, which a test keeps equal. */
import { CATALOGUE, type CatalogueEntry } from './catalogue.js';

const INTRODUCTION = `# Errors

Every error that a user can meet, from the catalogue in \`packages/protocol/src/errors/catalogue.ts\`. This file is written from it: run \`UPDATE_DOCS=1 npx vitest run --project unit packages/protocol/src/errors\` after a change.

- **Code**: in \`error.code\` of \`--json\`, and as \`reason\` of the \`google.rpc.ErrorInfo\` (domain \`lockstep\`) that comes with a gRPC status. A code never changes once it is released.
- **Exit**: exit code of the command line. 1: the job failed; 2: bad usage or invalid input; 3: a server cannot be reached; 130: interrupted.
- **Retry**: whether the same call may succeed later without a change.

The message and the remedy stand here as they are when the place that fails knows nothing more precise; usually it names the key, column or file, the value found, and the fix for this very case.
`;

/** The text of docs/errors.md. */
export function catalogueMarkdown(): string {
  const head = ['Code', 'gRPC status', 'Exit', 'Retry', 'What happened', 'What to do'];
  const rows = [head, ...Object.entries(CATALOGUE).map(([code, entry]) => cellsOf(code, entry))];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const rule = widths.map((width) => '-'.repeat(width));
  const lines = [head, rule, ...rows.slice(1)].map(
    (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`,
  );
  return `${INTRODUCTION}\n${lines.join('\n')}\n`;
}

function cellsOf(code: string, { status, exit, retryable, message, remedy }: CatalogueEntry): string[] {
  const cells = [`\`${code}\``, `\`${status}\``, String(exit), retryable ? 'yes' : 'no', message, remedy];
  return cells.map((cell) => cell.replaceAll('|', '\\|'));
}
