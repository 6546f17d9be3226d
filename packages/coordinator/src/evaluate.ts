/** Evaluates fixed chunks of rows on the workers at one version; sums follow the chunks, never the workers. */

import type { ChunkResult__Output, EvaluationResult__Output, EvaluationSource } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { isSame, type WorkerKey } from './core/lane-state.js';
import type { Crew, CrewEvent } from './crew.js';
import {
  COMMAND_TIMEOUT_MS,
  EVALUATION_CHUNK_ROWS,
  EVALUATION_TICK_MS,
  LANE_PATIENCE_MS,
  MAX_EVALUATION_FAILURES,
} from './limits.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { Clock, WorkerSession } from './ports.js';

/** What an evaluation needs. */
export interface EvaluationPorts {
  readonly jobId: string;
  readonly leadershipEpoch: number;
  readonly crew: Crew;
  readonly versions: ParameterVersions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What is evaluated. */
export interface EvaluationRequest {
  readonly id: number;
  readonly source: EvaluationSource & string;
  readonly rowCount: number;
  /** SHA-256 of model.onnx, for test rows. */
  readonly modelSha256?: string;
  /** Outputs of one row, for test rows. */
  readonly outputWidth?: number;
}

/** Chunks of a number of rows. */
export function chunkCount(rowCount: number): number {
  return Math.ceil(rowCount / EVALUATION_CHUNK_ROWS);
}

/** Results of every chunk, in order. @throws LockstepError LANE_FAILED when workers keep failing */
export function evaluate(request: EvaluationRequest, ports: EvaluationPorts): Promise<readonly ChunkResult__Output[]> {
  return new Promise((resolve, reject) => {
    const evaluation = new Evaluation(request, ports, (finish) => {
      clearInterval(ticks);
      ports.crew.listen(null);
      ports.signal.removeEventListener('abort', abort);
      finish(resolve, reject);
    });
    const abort = (): void => {
      clearInterval(ticks);
      ports.crew.listen(null);
      reject(ports.signal.reason);
    };
    const ticks = setInterval(() => evaluation.expelHanging(), EVALUATION_TICK_MS);
    ports.signal.addEventListener('abort', abort, { once: true });
    ports.crew.listen((event) => evaluation.handle(event));
    if (ports.signal.aborted) abort();
    else evaluation.start();
  });
}

type Finish = (
  resolve: (results: readonly ChunkResult__Output[]) => void,
  reject: (error: LockstepError) => void,
) => void;

class Evaluation {
  readonly #request: EvaluationRequest;
  readonly #ports: EvaluationPorts;
  readonly #end: (finish: Finish) => void;
  readonly #results: (ChunkResult__Output | undefined)[];
  /** Who computes a chunk, and since when it has answered none. */
  readonly #owners = new Map<number, { readonly key: WorkerKey; readonly sinceMs: number }>();
  #failures = 0;

  constructor(request: EvaluationRequest, ports: EvaluationPorts, end: (finish: Finish) => void) {
    this.#request = request;
    this.#ports = ports;
    this.#end = end;
    this.#results = new Array(chunkCount(request.rowCount)).fill(undefined);
  }

  start(): void {
    this.#assign();
    this.#finishWhenWhole();
  }

  handle(event: CrewEvent): void {
    if (event.type === 'ready') this.#assign();
    else if (event.type === 'lost') this.#release(event.session);
    else if (event.message.evaluation) this.#take(event.session, event.message.evaluation);
  }

  /** Ends workers that owe chunks beyond all patience, so that others get them. */
  expelHanging(): void {
    const { clock, crew } = this.#ports;
    const late = [...this.#owners].filter(
      ([chunk, { sinceMs }]) => !this.#results[chunk] && clock.nowMs() - sinceMs >= LANE_PATIENCE_MS,
    );
    for (const [, { key }] of late) crew.find(key)?.end(`it owes evaluation chunks for ${LANE_PATIENCE_MS / 1000} s`);
  }

  #take(session: WorkerSession, result: EvaluationResult__Output): void {
    const { jobId, leadershipEpoch } = this.#ports;
    // Ids are the job's own: an earlier job's late answer may carry the same one.
    if (result.jobId !== jobId || result.leadershipEpoch !== leadershipEpoch) return;
    if (result.evaluationId !== this.#request.id || result.incarnation !== session.key.incarnation) return;
    if (result.failure) {
      const { code, message } = result.failure;
      if (++this.#failures >= MAX_EVALUATION_FAILURES) {
        const error = new LockstepError('LANE_FAILED', {
          message: `An evaluation failed on several workers. ${code}: ${message}`,
        });
        this.#end((_resolve, reject) => reject(error));
        return;
      }
      this.#release(session);
      return;
    }
    for (const chunk of result.chunks) {
      const owner = this.#owners.get(chunk.chunk);
      if (!owner || !isSame(owner.key, session.key)) continue;
      const fault = this.#faultOf(chunk);
      if (fault) {
        session.end(`evaluation chunk ${chunk.chunk} ${fault}`);
        return;
      }
      this.#results[chunk.chunk] ??= chunk;
    }
    this.#heard(session.key);
    this.#finishWhenWhole();
  }

  #heard(key: WorkerKey): void {
    const sinceMs = this.#ports.clock.nowMs();
    for (const [chunk, owner] of this.#owners) if (isSame(owner.key, key)) this.#owners.set(chunk, { key, sinceMs });
  }

  /** What is wrong with a chunk's size; empty when nothing is. */
  #faultOf({ chunk, rows, outputs, targets }: ChunkResult__Output): string {
    const expected = Math.min(EVALUATION_CHUNK_ROWS, this.#request.rowCount - chunk * EVALUATION_CHUNK_ROWS);
    if (rows !== expected) return `has ${rows} rows, not ${expected}`;
    const { outputWidth } = this.#request;
    if (outputWidth === undefined) return '';
    const fits = outputs.length === rows * outputWidth * 4 && targets.length === rows * 4;
    return fits ? '' : `has ${outputs.length} bytes of outputs and ${targets.length} of targets for ${rows} rows`;
  }

  #release(session: WorkerSession): void {
    for (const [chunk, owner] of this.#owners)
      if (isSame(owner.key, session.key) && !this.#results[chunk]) this.#owners.delete(chunk);
    this.#assign();
  }

  /** Gives chunks that nobody has to the ready workers, in contiguous runs. */
  #assign(): void {
    const { crew, versions, clock, jobId, leadershipEpoch } = this.#ports;
    const sinceMs = clock.nowMs();
    const open = this.#results.flatMap((result, chunk) => (result || this.#owners.has(chunk) ? [] : [chunk]));
    const workers = crew.ready.slice(0, open.length);
    workers.forEach(({ key, send }, index) => {
      const from = Math.floor((index * open.length) / workers.length);
      const chunks = open.slice(from, Math.floor(((index + 1) * open.length) / workers.length));
      for (const chunk of chunks) this.#owners.set(chunk, { key, sinceMs });
      send({
        evaluate: {
          ...{ jobId, leadershipEpoch, incarnation: key.incarnation, evaluationId: this.#request.id },
          ...{ source: this.#request.source, version: versions.version, parameterDigest: versions.digest, chunks },
          ...{ modelSha256: this.#request.modelSha256 ?? '', timeoutMs: COMMAND_TIMEOUT_MS },
        },
      });
    });
  }

  #finishWhenWhole(): void {
    const whole = this.#results.every((result) => result !== undefined);
    if (whole) this.#end((resolve) => resolve(this.#results as ChunkResult__Output[]));
  }
}

/** Mean loss and metric over chunks, in float64, in the order of the chunks. */
export function meanOfChunks(chunks: readonly ChunkResult__Output[]): { loss: number; metric: number } {
  let weight = 0;
  let loss = 0;
  let metric = 0;
  for (const chunk of chunks) {
    weight += chunk.weight;
    loss += chunk.loss;
    metric += chunk.metric;
  }
  return { loss: weight === 0 ? 0 : loss / weight, metric: weight === 0 ? 0 : metric / weight };
}
