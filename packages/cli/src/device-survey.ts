/** What this machine can compute on, tried out. */
import { type DeviceReport, judgeDevices, type Provider, probeMachine, type Trial, tryEngines } from '@lockstep/engine';
import { tryProviderApart } from './local/provider-trial.js';

/** Loads every engine and provider that there is. */
export async function surveyDevices(): Promise<DeviceReport> {
  const gpus = Promise.all([tryProviderApart('webgpu'), tryProviderApart('cuda')]);
  const engines = await tryEngines();
  const [webgpu, cuda] = await gpus;
  const onnxRuntime = engines.filter(({ engine }) => engine === 'onnxruntime').map(({ trial }) => trial);
  const cpu = (onnxRuntime.find(({ usable }) => usable) ?? onnxRuntime[0]) as Trial;
  const providers: Record<Provider, Trial> = { cpu, webgpu, cuda };
  return judgeDevices(await probeMachine(), { engines, providers });
}
