/** Signals that end a command in order. */

/** All of them. SIGHUP comes when the terminal is closed. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first of {@link ENDING_SIGNALS}, which is said; a second one ends the command at once. */
export function firstSignal(): Promise<(typeof ENDING_SIGNALS)[number]> {
  return new Promise((settle) => {
    let count = 0;
    for (const name of ENDING_SIGNALS) {
      process.on(name, () => {
        if (++count > 1) process.exit(130);
        process.stderr.write(`\n${name}: stopping everything (again to stop at once)\n`);
        settle(name);
      });
    }
  });
}
