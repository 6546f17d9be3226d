/** Lists engines and builds one. */
import { engineRow, tryEngines } from '@lockstep/engine';
import { LockstepError } from '@lockstep/protocol/core';
import { installTfjs } from '../engines/install-tfjs.js';
import { interruptedBy } from '../failure-report.js';
import { firstSignal } from '../first-signal.js';
import { tryApart } from '../local/trial-apart.js';
import { enginesLines } from '../render/devices.js';

/** Options of `lockstep engines list`. */
export interface ListOptions {
  readonly json?: true | undefined;
}

/** Options of `lockstep engines install`. */
export interface InstallFlags extends ListOptions {
  readonly gpu?: true | undefined;
}

/** Runs `lockstep engines list`. */
export async function enginesList({ json }: ListOptions): Promise<void> {
  const rows = (await tryEngines(tryApart)).map(engineRow);
  const lines = json ? rows.map((row) => JSON.stringify(row)) : enginesLines(rows);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** Runs `lockstep engines install`. @throws LockstepError USAGE, ENGINE_INSTALL_FAILED, DISK_FULL, INTERRUPTED */
export async function enginesInstall(engine: string, { gpu, json }: InstallFlags): Promise<void> {
  if (engine !== 'tfjs') {
    throw new LockstepError('USAGE', {
      message: `${engine} is not an engine that can be built.`,
      ...{ field: 'ENGINE', value: engine, fix: 'Use tfjs; onnxruntime comes with lockstep.' },
    });
  }
  const stop = new AbortController();
  void firstSignal().then((signal) => stop.abort(interruptedBy(signal)));
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  const built = await installTfjs({ build: gpu ? 'gpu' : 'cpu', note, signal: stop.signal });
  const { version, tensorflow, provider, folder, isKept } = built;
  if (gpu && provider === 'cpu') note('no GPU that TensorFlow can use is here: it computes on the CPU');
  process.stdout.write(
    json
      ? `${JSON.stringify({ engine, version, tensorflow, provider, folder, isKept })}\n`
      : `TensorFlow.js ${version} with TensorFlow ${tensorflow} on ${provider} ${isKept ? 'is there already' : 'is built'}: ${folder}\n`,
  );
}
