/** What this machine can compute on, tried out. */
import { type DeviceReport, judgeDevices, type Provider, probeMachine, type Trial, tryEngines } from '@lockstep/engine';
import { tryApart } from './local/trial-apart.js';

/** Loads every engine and provider that there is. */
export async function surveyDevices(): Promise<DeviceReport> {
  const apart = Promise.all([tryApart('webgpu'), tryApart('cuda')]);
  // Engines change the environment that is looked at here.
  const machine = await probeMachine();
  const engines = await tryEngines(tryApart);
  const [webgpu, cuda] = await apart;
  const onnxRuntime = engines.filter(({ engine }) => engine === 'onnxruntime').map(({ trial }) => trial);
  const cpu = (onnxRuntime.find(({ usable }) => usable) ?? onnxRuntime[0]) as Trial;
  const providers: Record<Provider, Trial> = { cpu, webgpu, cuda };
  return judgeDevices(machine, { engines, providers });
}
