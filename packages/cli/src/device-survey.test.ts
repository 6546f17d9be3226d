import { probeMachine, type Trial, tryEngines } from '@lockstep/engine';
import { afterEach, expect, it, vi } from 'vitest';
import { doctor } from './actions/doctor.js';
import { surveyDevices } from './device-survey.js';
import { tryApart } from './local/trial-apart.js';

vi.mock('@lockstep/engine', async (original) => ({
  ...(await original<typeof import('@lockstep/engine')>()),
  probeMachine: vi.fn(),
  tryEngines: vi.fn(),
}));
vi.mock('./local/trial-apart.js', () => ({ tryApart: vi.fn() }));

const BROKEN: Trial = { usable: false, message: 'it crashed', fix: 'Build it again.', log: '' };

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  process.exitCode = 0;
});

it('looks at the machine before an engine hides GPUs from this process, and tries TensorFlow in another', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
  const { probeMachine: probe } = await vi.importActual<typeof import('@lockstep/engine')>('@lockstep/engine');
  const seen: (string | undefined)[] = [];
  vi.mocked(probeMachine).mockImplementation(async () => {
    seen.push(process.env.CUDA_VISIBLE_DEVICES);
    return probe();
  });
  vi.mocked(tryApart).mockResolvedValue(BROKEN);
  vi.mocked(tryEngines).mockImplementation(async (apart) => {
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '-1');
    const [onnxRuntime, tfjs] = [
      { engine: 'onnxruntime', backend: 'c-api' },
      { engine: 'tfjs', backend: 'tensorflow' },
    ];
    return [
      { ...onnxRuntime, trial: BROKEN },
      { ...tfjs, trial: await apart('tensorflow') },
    ];
  });
  const { engines } = await surveyDevices();
  expect(seen).toEqual([undefined]);
  expect(tryApart).toHaveBeenCalledWith('tensorflow');
  expect(engines.at(-1)).toMatchObject({ engine: 'tfjs', usable: false, obstacles: [{ why: 'it crashed' }] });
});

it('doctor names a machine that cannot be looked at, and checks the rest', async () => {
  vi.mocked(tryApart).mockResolvedValue(BROKEN);
  vi.mocked(probeMachine).mockRejectedValue(new Error('/proc cannot be read'));
  const print = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await doctor({ natsServer: '/nowhere/nats-server', json: true });
  const { findings } = JSON.parse(String(print.mock.calls[0]?.[0])) as { findings: { name: string; found: string }[] };
  expect(findings.find(({ name }) => name === 'engine')?.found).toContain('/proc cannot be read');
  expect(findings.map(({ name }) => name)).toContain('temporary folder');
});
