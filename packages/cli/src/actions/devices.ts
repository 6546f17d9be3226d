/** Lists engines, execution providers and devices of this machine, and of each that cannot be used why not. */
import { TRIED_APART, type TriedApart, tieToParent, tryHere } from '@lockstep/engine';
import { LockstepError } from '@lockstep/protocol/core';
import { surveyDevices } from '../device-survey.js';
import { devicesText } from '../render/devices.js';

/** Options of `lockstep devices`. */
export interface DevicesOptions {
  readonly json?: true | undefined;
  /** Tries one of {@link TRIED_APART} in this very process and prints what came of it. */
  readonly try?: string | undefined;
  /** Ends when standard input closes, also in the midst of a try. */
  readonly exitWithParent?: true | undefined;
}

/** Runs `lockstep devices`. @throws LockstepError USAGE */
export async function devices({ json, try: one, exitWithParent }: DevicesOptions): Promise<void> {
  if (exitWithParent) tieToParent();
  if (one !== undefined) {
    process.stdout.write(`${JSON.stringify(await tryHere(parseTried(one)))}\n`);
    return;
  }
  const report = await surveyDevices();
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : devicesText(report));
}

function parseTried(value: string): TriedApart {
  const found = TRIED_APART.find((what) => what === value);
  if (found) return found;
  const message = `--try is "${value}", which it cannot be.`;
  throw new LockstepError('USAGE', { message, field: '--try', value, fix: `Use one of ${TRIED_APART.join(', ')}.` });
}
