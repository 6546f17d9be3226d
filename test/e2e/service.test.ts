/** Lockstep as a service: nats-server, coordinator and workers apart, jobs sent to them, and the wire read by another. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeModel } from '@lockstep/model';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventPoints } from '../../packages/coordinator/src/testing/event-points.ts';
import { finish, lastJson, lockstep, ROOT, scratch, seen, startLockstep, trainJson } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { assembleVersions, cutTensors, digestOf, listenToParameters } from '../support/parameter-listener.ts';
import { metricsPage, type Service, startService, sumOf } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
/** Two epochs of 15 batches: 455 training rows in batches of 32. */
const SHORTER = ['--set', 'train.epochs=2'];
const STEPS = 30;
const LANES = 4;
/** Kernel and bias of each layer of the reference job, in the order of the flat vector. */
const SHAPES = [[30, 64], [64], [64, 64], [64], [64, 1], [1]];
/** Each tensor filled up to a multiple of 16. */
const ELEMENTS = 30 * 64 + 64 + 64 * 64 + 64 + 64 + 16;

function sha256(parts: readonly Float32Array[]): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}

async function expectTraffic({ coordinator, workers }: Service): Promise<void> {
  const bytes = STEPS * ELEMENTS * 4;
  const page = await metricsPage(coordinator);
  expect(sumOf(page, 'lockstep_steps_total ')).toBe(STEPS);
  expect(sumOf(page, 'lockstep_transport_bytes_total{transport="nats",direction="out"')).toBeGreaterThanOrEqual(bytes);
  expect(sumOf(page, 'lockstep_transport_bytes_total{transport="grpc",direction="in"')).toBeGreaterThanOrEqual(bytes);
  const pages = await Promise.all(workers.map(metricsPage));
  const computed = pages.map((text, index) =>
    sumOf(text, `lockstep_lanes_computed_total{worker="${workers[index]?.name}"`),
  );
  expect(Math.min(...computed)).toBeGreaterThanOrEqual(STEPS);
  expect(computed.reduce((sum, lanes) => sum + lanes, 0)).toBeGreaterThanOrEqual(STEPS * LANES);
  for (const text of pages) {
    expect(sumOf(text, 'lockstep_transport_bytes_total{transport="nats",direction="in"')).toBeGreaterThanOrEqual(bytes);
  }
}

describe('a coordinator and two workers', () => {
  it('train a submitted job to the bits of lockstep train, share the work, and end on a signal', async () => {
    const nats = await startNatsServer();
    const service = await startService(nats.address, ['north', 'south']);
    const out = join(scratch(), 'out');
    const server = ['--server', service.address];
    const submitted = await lockstep(['submit', SPEC, ...SHORTER, ...server, '--out', out]);
    expect(submitted.code, submitted.stderr).toBe(0);
    const [, job = ''] = /^job (\S+);/.exec(submitted.stderr) ?? [];
    expect(submitted.stdout).toMatch(/^test +accuracy [\s\S]*actual . predicted[\s\S]*\nnext +lockstep predict /);
    expect(existsSync(join(out, 'model.onnx'))).toBe(true);
    const points = await eventPoints(join(out, 'events'));
    expect(points.filter(({ tag }) => tag === 'accuracy/test')).toHaveLength(1);

    const watched = await lockstep(['watch', job, ...server, '--json']);
    expect([watched.code, lastJson(watched).state, lastJson(watched).lanes], watched.stderr).toEqual([
      ...[0, 'succeeded', LANES],
    ]);
    const hash = lastJson(watched).parametersSha256;
    expect(submitted.stdout).toContain(`sha-256    ${hash} `);
    await expectTraffic(service);

    const local = await trainJson([SPEC, ...SHORTER, '--workers', '1', '--out', join(scratch(), 'out')]);
    expect(local.parametersSha256).toBe(hash);

    const diverges = ['--set', 'train.optimizer.learningRate=1e38'];
    const end = join(scratch(), 'failed');
    const failed = await lockstep(['submit', SPEC, ...diverges, ...server, '--out', end]);
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('NUMERICS_NOT_FINITE')]);
    const shown = await eventPoints(join(end, 'events'));
    expect(shown.filter(({ tag }) => tag === 'loss/batch')).not.toHaveLength(0);

    const [north, south] = service.workers;
    expect(await north?.end('SIGTERM')).toMatchObject({ code: 0, signal: null });
    expect(await south?.end('SIGINT')).toMatchObject({ code: 130, signal: null });
    expect(await service.coordinator.end('SIGTERM')).toMatchObject({ code: 0, signal: null });
  });

  it('publish every version of the parameters whole, which anyone can read off NATS', async () => {
    const config = join(scratch(), 'nats.conf');
    // Small enough that a version takes several chunks of floor((8192 - 1024) / 4) = 1792 elements.
    writeFileSync(config, 'max_payload: 8192\n');
    const nats = await startNatsServer({ args: ['--config', config] });
    const service = await startService(nats.address, ['north', 'south']);
    const listener = await listenToParameters(nats.address);
    const server = ['--server', service.address];
    const submitted = await lockstep(['submit', SPEC, ...SHORTER, ...server, '--no-wait', '--json']);
    const { job } = lastJson(submitted) as unknown as { job: string };
    const out = join(scratch(), 'out');
    const watched = await lockstep(['watch', job, ...server, '--out', out, '--json']);
    expect(watched.code, watched.stderr).toBe(0);
    await listener.settle();

    expect(new Set(listener.chunks.map((chunk) => `${chunk.subject} ${chunk.job} ${chunk.leadershipEpoch}`))).toEqual(
      new Set([`lockstep.${job}.params ${job} 1`]),
    );
    const versions = assembleVersions(listener.chunks);
    expect([...versions.keys()]).toEqual(Array.from({ length: STEPS + 1 }, (_, version) => version));
    for (const { flat, chunks } of versions.values()) expect([flat.length, chunks]).toEqual([ELEMENTS, 4]);
    expect(new Set([...versions.values()].map(({ digest }) => digest)).size).toBe(STEPS + 1);

    const { tensors, between } = cutTensors(versions.get(STEPS)?.flat ?? new Float32Array(), SHAPES);
    expect(between.every((element) => Object.is(element, 0))).toBe(true);
    expect(sha256(tensors)).toBe(lastJson(watched).parametersSha256);
    const { initializers } = decodeModel(readFileSync(join(out, 'model.onnx'))).graph;
    const exported = initializers.filter(({ name }) => /^\d+_dense\/(kernel|bias)$/.test(name));
    expect(exported.map(({ data }) => data)).toEqual(tensors);
  });
});

describe('the reader of this test', () => {
  it('takes the digest that docs/wire.md works out', () => {
    const example = [
      { chunk: 0, offset: 0, crc32: 3869632361 },
      { chunk: 1, offset: 10, crc32: 4223435923 },
    ];
    expect(digestOf(example)).toBe(892882281);
  });
});

describe('lockstep up on a nats-server that asks for a password', () => {
  it('has its coordinator and its workers log in, and trains', async () => {
    const folder = scratch();
    const [config, password] = [join(folder, 'nats.conf'), join(folder, 'password')];
    writeFileSync(
      config,
      `jetstream { store_dir: "${folder}" }\nauthorization { user: trainer, password: "let me in" }\n`,
    );
    writeFileSync(password, 'let me in\n');
    const nats = await startNatsServer({ args: ['--config', config] });
    const login = ['--nats', `nats://${nats.address}`, '--nats-user', 'trainer', '--nats-password-file', password];
    const command = startLockstep(['up', '--workers', '1', '--port', '0', '--store', join(folder, 'store'), ...login]);
    onTestFinished(() => void command.kill('SIGKILL'));
    const greeting = await seen(command, 'stdout', '\nnext ', finish(command));
    const [, server = ''] = /^coordinator (\S+) /m.exec(greeting) ?? [];
    const out = join(folder, 'out');
    const one = ['--set', 'run.workers=1'];
    const submitted = await lockstep(['submit', SPEC, ...SHORTER, ...one, '--server', server, '--out', out, '--json']);
    expect(submitted.code, submitted.stderr).toBe(0);
    expect(submitted.stderr).not.toContain('NATS_REFUSED');
  });
});
