/** The contract of links: whatever link each worker uses, a job ends with the same bits. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createEngine } from '@lockstep/engine';
import { hostLinkUnavailable, type SharedMemoryProvider, sharedMemory } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RunningCoordinator } from '../../packages/coordinator/src/testing/running-coordinator.ts';
import { mappedFiles } from '../../packages/protocol/src/host/mapped-files.ts';
import { joinWorker } from '../support/in-process-worker.ts';
import { startNatsServer } from '../support/nats-server.ts';

type Link = 'host' | 'network';

/** A job on the 32 training rows of the test's table: tensors of odd sizes, in all a little more than 256 KiB. */
interface LinkCase {
  readonly what: string;
  readonly lanes: number;
  readonly batchSize: number;
  /** @default float32 */
  readonly gradients?: 'float32' | 'bfloat16' | 'float16';
  /** Early stopping puts earlier parameters back. */
  readonly isStoppedEarly?: true;
}

const CASES: readonly LinkCase[] = [
  { what: 'one lane', lanes: 1, batchSize: 7 },
  { what: 'lanes that are no power of two', lanes: 6, batchSize: 13 },
  { what: 'lanes without rows in the last batch', lanes: 7, batchSize: 9 },
  { what: 'parameters that are put back', lanes: 3, batchSize: 8, isStoppedEarly: true },
  { what: 'gradients in bfloat16', lanes: 6, batchSize: 13, gradients: 'bfloat16' },
  { what: 'gradients in float16', lanes: 7, batchSize: 9, gradients: 'float16' },
];
/** Links of the workers, in the order in which they join. */
const CREWS: readonly (readonly Link[])[] = [
  ['network', 'network'],
  ['host'],
  ['host', 'host', 'host'],
  ['host', 'network'],
  ['host', 'network', 'host', 'network', 'host'],
];

/** A worker that is not on the coordinator's machine. */
const elsewhere = (): Promise<SharedMemoryProvider> => Promise.reject(hostLinkUnavailable('this is another machine'));

function specOf(
  { lanes, batchSize, gradients = 'float32', isStoppedEarly }: LinkCase,
  link: 'auto' | Link,
  workers: number,
): string {
  const stopping = isStoppedEarly
    ? ', earlyStopping: {monitor: validationLoss, patience: 1, restoreBestWeights: true}'
    : '';
  return `
name: linked
data: {path: data.csv, label: y}
split: {test: 0.2, validation: ${isStoppedEarly ? 0.2 : 0}, seed: 1}
model:
  - dense: {units: 259, activation: relu}
  - dense: {units: 257, activation: relu}
  - dropout: {rate: 0.3}
  - dense: {units: 1, activation: sigmoid}
train: {loss: binaryCrossEntropy, optimizer: adam, epochs: 3, batchSize: ${batchSize}, seed: 7, lanes: ${lanes}, gradients: ${gradients}${stopping}}
run: {workers: ${workers}, minWorkers: ${Math.min(workers, lanes)}, link: ${link}}
`;
}

/** Trains with workers of this process. */
async function train(
  linkCase: LinkCase,
  crew: readonly Link[],
  link: 'auto' | Link,
  nats: string,
  memory = sharedMemory,
): Promise<{ sha256: string; used: string; bytes: number }> {
  const coordinator = await RunningCoordinator.start({ nats, memory });
  for (const [index, kind] of crew.entries()) {
    await joinWorker(`w${index}`, coordinator.address, await createEngine(), kind === 'host' ? memory : elsewhere);
  }
  const job = await coordinator.submit(specOf(linkCase, link, crew.length));
  const ended = await coordinator.ended(job.id);
  expect(ended.state, ended.failure?.message).toBe('JOB_STATE_SUCCEEDED');
  const bytes = /transport_bytes_total\{transport="host",direction="in"\} (\d+)/.exec(await coordinator.metrics());
  await coordinator.stop();
  return {
    sha256: ended.result?.parametersSha256 ?? '',
    used: ended.result?.link ?? '',
    bytes: Number(bytes?.[1] ?? 0),
  };
}

describe('the parameters of a job', () => {
  it.each(CASES)('are the same over network, host and both, with $what', async (linkCase) => {
    const nats = (await startNatsServer()).address;
    const calm = await train(linkCase, ['network'], 'network', nats);
    expect(calm.used).toBe('network');
    for (const crew of CREWS) {
      const { sha256, used, bytes } = await train(linkCase, crew, 'auto', nats);
      expect({ crew, sha256 }).toEqual({ crew, sha256: calm.sha256 });
      // More workers than lanes stand by, and are of no link.
      expect(used).toBe([...new Set(crew.slice(0, linkCase.lanes))].sort().join(', '));
      expect(bytes > 0).toBe(crew.includes('host'));
    }
  });

  it('are the same over mapped files, where no memory is without a name', async () => {
    const nats = (await startNatsServer()).address;
    const linkCase = CASES[1] as LinkCase;
    const folder = join(mkdtempSync(join(tmpdir(), 'lockstep-links-')), 'memory');
    onTestFinished(() => rmSync(dirname(folder), { recursive: true, force: true }));
    const memory = mappedFiles(folder);
    const calm = await train(linkCase, ['network'], 'network', nats);
    const crew = ['host', 'network', 'host'] as const;
    const { sha256, used, bytes } = await train(linkCase, crew, 'auto', nats, () => Promise.resolve(memory));
    expect({ sha256, used }).toEqual({ sha256: calm.sha256, used: 'host, network' });
    expect(bytes).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a worker that can share no memory', () => {
  const small = CASES[0] as LinkCase;

  it('comes into a job whose versions nobody had to broadcast, and fetches the one it needs', async () => {
    const lanes = { what: 'a long job', lanes: 4, batchSize: 8 };
    const spec = specOf(lanes, 'auto', 1)
      .replace('epochs: 3', 'epochs: 20')
      .replace('workers: 1', 'workers: 1, maxWorkers: 2');
    const nats = (await startNatsServer()).address;
    const outcome = async (hasNewcomer: boolean): Promise<{ sha256: string; link: string }> => {
      const coordinator = await RunningCoordinator.start({ nats });
      await joinWorker('near', coordinator.address, await createEngine());
      const engine = await createEngine();
      const job = await coordinator.submit(spec);
      if (hasNewcomer) {
        await coordinator.events(job.id, ({ stateChanged }) => stateChanged?.state === 'JOB_STATE_RUNNING');
        await joinWorker('far', coordinator.address, engine, elsewhere);
      }
      const { result } = await coordinator.ended(job.id);
      await coordinator.stop();
      return { sha256: result?.parametersSha256 ?? '', link: result?.link ?? '' };
    };
    const alone = await outcome(false);
    expect(alone.link).toBe('host');
    expect(await outcome(true)).toEqual({ sha256: alone.sha256, link: 'host, network' });
  });

  it('is refused by name where run.link is host', async () => {
    const coordinator = await RunningCoordinator.start();
    await joinWorker('far', coordinator.address, await createEngine(), elsewhere);
    const job = await coordinator.submit(specOf(small, 'host', 1));
    const { state, failure } = await coordinator.ended(job.id);
    expect(state).toBe('JOB_STATE_FAILED');
    expect(failure).toMatchObject({ code: 'HOST_LINK_UNAVAILABLE', field: 'run.link', value: 'host' });
    expect(failure?.message).toContain('this is another machine');
    expect(failure?.fix).toContain('run.link: auto');
  });

  it('uses the network where run.link is auto, and a note says why', async () => {
    const coordinator = await RunningCoordinator.start();
    await joinWorker('far', coordinator.address, await createEngine(), elsewhere);
    const job = await coordinator.submit(specOf(small, 'auto', 1));
    const notes = (await coordinator.events(job.id)).flatMap(({ note }) => (note ? [note] : []));
    expect(notes).toContainEqual(
      expect.objectContaining({
        code: 'HOST_LINK_UNAVAILABLE',
        message: 'far: Memory cannot be shared: this is another machine. It uses the network link.',
      }),
    );
    expect((await coordinator.job(job.id)).result?.link).toBe('network');
  });
});
