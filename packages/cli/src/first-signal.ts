/** Signals that end a command. */
import { interruptedBy, reportFailure } from './failure-report.js';

/** All of them. SIGHUP comes when the terminal is closed. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first of {@link ENDING_SIGNALS}, which is said; a second one ends the command at once. */
export function firstSignal(): Promise<(typeof ENDING_SIGNALS)[number]> {
  return new Promise((settle) => {
    let count = 0;
    for (const name of ENDING_SIGNALS) {
      process.on(name, () => {
        if (++count > 1) endNow(name);
        process.stderr.write(`\n${name}: stopping everything (again to stop at once)\n`);
        settle(name);
      });
    }
  });
}

/** Lets signals end the command, but for those that the verb listens to itself; temporary files go with it. */
export function endOnSignals(names: readonly NodeJS.Signals[]): void {
  for (const name of names) {
    process.on(name, () => {
      if (process.listenerCount(name) === 1) endNow(name);
    });
  }
}

function endNow(name: NodeJS.Signals): never {
  process.exit(reportFailure(interruptedBy(name)));
}
