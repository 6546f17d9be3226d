/** Workers of a service that leave, come back, join and hang in the middle of a job: its parameters stay the same. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '@lockstep/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobDescription } from '../../packages/cli/src/job-description.ts';
import { hanging } from '../support/altered-engine.ts';
import { joinWorker } from '../support/in-process-worker.ts';
import {
  finish,
  type JsonOutcome,
  lastJson,
  lockstep,
  ROOT,
  scratch,
  seen,
  startLockstep,
  trainJson,
} from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { startService, startWorker } from '../support/service.ts';
import { openTcpLink } from '../support/tcp-link.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
/** So many that workers come back while the job runs. */
const EPOCHS = 100;
const LONG = ['--set', `train.epochs=${EPOCHS}`];
const work = mkdtempSync(join(tmpdir(), 'lockstep-membership-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A job under way. */
class RunningJob {
  readonly #command: ChildProcess;
  readonly #ended: ReturnType<typeof finish>;
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
    this.#command = startLockstep([
      'submit',
      SPEC,
      ...LONG,
      '--workers',
      '3',
      '--server',
      address,
      '--out',
      join(scratch(), 'run'),
      '--json',
    ]);
    this.#ended = finish(this.#command);
  }

  epoch(number: number): Promise<unknown> {
    return seen(this.#command, 'stderr', `epoch ${number}/${EPOCHS}`, this.#ended);
  }

  /** Waits until a worker takes part, from now on. */
  ready(worker: string): Promise<unknown> {
    return seen(this.#command, 'stderr', `worker ${worker} ready`, this.#ended);
  }

  async outcome(): Promise<JsonOutcome & { readonly workers: JobDescription['workers'] }> {
    const result = await this.#ended;
    expect(result.code, result.stderr).toBe(0);
    const outcome = lastJson(result);
    const described = await lockstep(['describe', outcome.job, '--server', this.#address, '--json']);
    return { ...outcome, workers: (JSON.parse(described.stdout) as JobDescription).workers };
  }
}

describe('a job of a service', () => {
  let calm = '';
  beforeAll(async () => {
    calm = (await trainJson([SPEC, ...LONG, '--workers', '1', '--out', join(work, 'calm')])).parametersSha256;
  });

  it('is the same when workers are drained, killed, come back under their name and join', async () => {
    const nats = await startNatsServer();
    const { address, workers } = await startService(nats.address, ['one', 'two', 'three']);
    const job = new RunningJob(address);
    await job.epoch(3);
    const drained = await workers[0]?.end('SIGTERM');
    expect(drained?.code).toBe(0);
    await startWorker('four', address);
    await workers[1]?.end('SIGKILL');
    const isBack = job.ready('two');
    await startWorker('two', address);
    // Else the next one may take its place.
    await isBack;
    await startWorker('one', address);
    const { parametersSha256, workers: changes } = await job.outcome();
    expect(parametersSha256).toBe(calm);
    const ofWorker = (name: string): string[] =>
      changes.filter(({ worker }) => worker === name).map(({ change }) => change);
    expect(ofWorker('one').slice(0, 2)).toEqual(['ready', 'lost']);
    expect(ofWorker('two').slice(0, 3)).toEqual(['ready', 'lost', 'ready']);
  });

  it('is the same when a connection is cut: its worker joins again as a later life', async () => {
    const nats = await startNatsServer();
    const { address } = await startService(nats.address, ['one']);
    const link = await openTcpLink(address);
    await startWorker('two', link.address);
    await startWorker('three', address);
    const job = new RunningJob(address);
    await job.epoch(3);
    link.cut();
    const { parametersSha256, workers: changes } = await job.outcome();
    expect(parametersSha256).toBe(calm);
    const ofTwo = changes.filter(({ worker }) => worker === 'two').map(({ change }) => change);
    expect(ofTwo).toEqual(['ready', 'lost', 'ready']);
  });

  it('is the same when an engine hangs while its worker stays alive: the others do its lanes', async () => {
    const nats = await startNatsServer();
    const { address } = await startService(nats.address, ['one', 'two']);
    let isHanging = false;
    await joinWorker(
      'stuck',
      address,
      hanging(await createEngine(), () => isHanging),
    );
    const job = new RunningJob(address);
    await job.epoch(3);
    isHanging = true;
    expect((await job.outcome()).parametersSha256).toBe(calm);
  });
});
