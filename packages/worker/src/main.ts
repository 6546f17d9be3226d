/** Composition root of a worker process: alone handles signals and the machine's limits. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createEngine, ENGINES, type Engine, identifyNumerics, OPTIMISATIONS } from '@lockstep/engine';
import { type JoinRequest, machineMemoryBytes, readNatsAccess, sharedMemory } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { createLogger } from '@lockstep/protocol/log';
import type { Logger } from 'pino';
import { ShardCache } from './adapters/shard-cache.js';
import type { Device, EngineAdapter, ExitCode, WorkerConfig } from './config.js';
import { MAX_REPLICAS, MAX_SHARD_CACHE_BYTES, SHARD_CACHE_FRACTION } from './limits.js';
import { WorkerMetrics } from './metrics.js';
import { serveMetrics } from './metrics-server.js';
import { Worker } from './worker.js';

const DEVICES: readonly Device[] = ['auto', 'cpu', 'cuda', 'webgpu'];
const ADAPTERS: readonly EngineAdapter[] = ['auto', 'c-api', 'binding'];
/** Signals that end a worker in order. SIGHUP comes when the terminal is closed. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** Version of this package, as it is told to the coordinator. */
const VERSION = '0.1.0';

/**
 * Runs a worker in this process until it is told to stop (SIGTERM, SIGINT, SIGHUP), or it fails.
 * @returns 0 after SIGTERM or SIGHUP, 130 after SIGINT
 * @throws LockstepError USAGE, ENGINE_UNAVAILABLE, DEVICE_UNAVAILABLE, PORT_IN_USE, SERVER_UNREACHABLE,
 *   NATS_LOGIN_INVALID, TLS_INVALID or what the coordinator refuses the worker with
 */
export async function runWorker(config: WorkerConfig): Promise<ExitCode> {
  // A name keeps a worker the same to its coordinator when it joins again.
  const name = config.name ?? `worker-${randomUUID().slice(0, 8)}`;
  const logger = createLogger(config.logLevel, { process: 'worker', worker: name });
  const engine = await createEngine({
    engine: oneOf(config.engine ?? 'onnxruntime', ENGINES, '--engine'),
    device: oneOf(config.device, DEVICES, '--device'),
    adapter: oneOf(config.adapter ?? 'auto', ADAPTERS, '--engine-adapter'),
    optimisation: oneOf(config.optimisation ?? 'all', OPTIMISATIONS, '--engine-optimisation'),
    onFallback: ({ code, message, fix }) => logger.warn({ code }, `${message} What is slower is used. ${fix}`),
  });
  const replicas = config.replicas ?? 1;
  const metrics = new WorkerMetrics(name, VERSION);
  let worker: Worker | null = null;
  const http =
    config.metrics === undefined
      ? null
      : await serveMetrics(config.metrics, metrics.registry, () => worker?.isServing ?? false);
  try {
    checkReplicas(replicas, engine);
    worker = new Worker({
      server: await config.server,
      access: config.access ?? {},
      nats: (await readNatsAccess(config.nats)).credentials,
      join: { ...(await joinRequest(name, engine, http?.address ?? '')), replicas },
      engine,
      cache: new ShardCache(Math.min(MAX_SHARD_CACHE_BYTES, machineMemoryBytes() * SHARD_CACHE_FRACTION)),
      memory: sharedMemory,
      clock: { nowMs: () => performance.now() },
      metrics,
      logger,
    });
    return await runUntilSignal(worker, logger);
  } finally {
    await http?.close();
    await engine.close();
  }
}

async function runUntilSignal(worker: Worker, logger: Logger): Promise<ExitCode> {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    // The first signal drains, the second is at once.
    if (isStopping) process.exit(130);
    isStopping = true;
    logger.info({ signal }, 'stopping');
    worker.stop(signal === 'SIGINT' ? 130 : 0);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await worker.run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

async function joinRequest(workerName: string, engine: Engine, metricsAddress: string): Promise<JoinRequest> {
  const { name, version, provider } = engine.description;
  return {
    workerName,
    softwareVersion: VERSION,
    engine: {
      ...{ name, version, provider },
      ...(await identifyNumerics(engine, 1)),
    },
    host: hostname(),
    pid: process.pid,
    metricsAddress,
    processNonce: randomUUID(),
  };
}

/** @throws LockstepError USAGE where so many lanes cannot be computed at once */
function checkReplicas(replicas: number, { description }: Engine): void {
  const field = '--replicas';
  const value = String(replicas);
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > MAX_REPLICAS) {
    const message = `${field} is ${value}, which it cannot be.`;
    throw new LockstepError('USAGE', { message, field, value, fix: `Use a whole number from 1 to ${MAX_REPLICAS}.` });
  }
  if (replicas === 1 || (description.adapter === 'c-api' && description.provider === 'cpu')) return;
  throw new LockstepError('USAGE', {
    message: `${field} is ${value}, but the ${description.adapter} adapter on ${description.provider} runs one lane at a time.`,
    ...{ field, value, fix: 'Start more workers, or use --engine onnxruntime --device cpu --engine-adapter c-api.' },
  });
}

function oneOf<Value extends string>(value: string, allowed: readonly Value[], field: string): Value {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const message = `${field} is "${value}", which it cannot be.`;
  throw new LockstepError('USAGE', { message, field, value, fix: `Use one of ${allowed.join(', ')}.` });
}
