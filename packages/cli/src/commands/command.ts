/** What every verb of the command line has in common. */
import type { Command } from '@commander-js/extra-typings';

/** Adds one verb to the program; its action is loaded only when the verb runs. */
export type RegisterCommand = (program: Command) => void;

/** Collects a repeatable option. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** Examples that a verb's help leads with. */
export function examples(...lines: readonly string[]): string {
  return `Examples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}
