/** Lists engines, execution providers and devices of this machine, and of each that cannot be used why not. */
import { PROVIDERS, type Provider, tryProvider, tryTensorflow } from '@lockstep/engine';
import { LockstepError } from '@lockstep/protocol/core';
import { surveyDevices } from '../device-survey.js';
import { devicesText } from '../render/devices.js';

/** Options of `lockstep devices`. */
export interface DevicesOptions {
  readonly json?: true | undefined;
  /** Tries one provider, or "tensorflow", in this very process and prints what came of it. */
  readonly try?: string | undefined;
}

/** Runs `lockstep devices`. @throws LockstepError USAGE */
export async function devices({ json, try: one }: DevicesOptions): Promise<void> {
  if (one !== undefined) {
    const trial = await (one === 'tensorflow' ? tryTensorflow() : tryProvider(parseProvider(one)));
    process.stdout.write(`${JSON.stringify(trial)}\n`);
    return;
  }
  const report = await surveyDevices();
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : devicesText(report));
}

function parseProvider(value: string): Provider {
  const found = PROVIDERS.find((provider) => provider === value);
  if (found) return found;
  const message = `--try is "${value}", which it cannot be.`;
  throw new LockstepError('USAGE', { message, field: '--try', value, fix: `Use one of ${PROVIDERS.join(', ')}.` });
}
