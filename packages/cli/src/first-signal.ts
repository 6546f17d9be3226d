/** Signals that end a command in order. */

/** The first of some signals, which is said; a second one ends the command at once. */
export function firstSignal<Name extends NodeJS.Signals>(names: readonly Name[]): Promise<Name> {
  return new Promise((settle) => {
    let count = 0;
    for (const name of names) {
      process.on(name, () => {
        if (++count > 1) process.exit(130);
        process.stderr.write(`\n${name}: stopping everything (again to stop at once)\n`);
        settle(name);
      });
    }
  });
}
