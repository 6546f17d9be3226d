/** Evaluates fixed chunks of rows on the workers at one version; sums follow the chunks, never the workers. */
import { isDeepStrictEqual } from 'node:util';
import type { ChunkResult__Output, EvaluationResult__Output, EvaluationSource } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { isSame, type WorkerKey } from './core/lane-state.js';
import { afterAnswer, type ChunkAssignment, lateChunks, medianPerChunk } from './core/late-chunks.js';
import type { Crew, CrewEvent } from './crew.js';
import type { JobLink } from './job-link.js';
import type { LanePace } from './lane-pace.js';
import { COMMAND_TIMEOUT_MS, EVALUATION_CHUNK_ROWS, MAX_EVALUATION_FAILURES, PATIENCE, TICK_MS } from './limits.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { Clock, WorkerSession } from './ports.js';

/** What an evaluation needs. */
export interface EvaluationPorts {
  readonly jobId: string;
  readonly leadershipEpoch: number;
  readonly crew: Crew;
  readonly versions: ParameterVersions;
  readonly link: Pick<JobLink, 'isHost'>;
  readonly pace: Pick<LanePace, 'chunkMs' | 'owing'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Two workers gave other results for the same chunk. */
  readonly onChunkDifference: (worker: WorkerKey, chunk: number) => void;
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
    const end = (): void => {
      clearInterval(ticks);
      ports.crew.listen(null);
      ports.signal.removeEventListener('abort', abort);
    };
    const evaluation = new Evaluation(request, ports, (finish) => {
      end();
      finish(resolve, reject);
    });
    const abort = (): void => {
      end();
      reject(ports.signal.reason);
    };
    const ticks = setInterval(() => evaluation.tick(), TICK_MS);
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
  #assignments: ChunkAssignment[] = [];
  readonly #failedOn = new Set<WorkerSession>();
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
    else if (event.type === 'message' && event.message.evaluation) this.#take(event.session, event.message.evaluation);
  }

  /** Gives late chunks to idle workers too, and ends workers that hang. */
  tick(): void {
    const { crew, clock, pace } = this.#ports;
    const times = { patience: PATIENCE, earlierChunkMs: pace.chunkMs, nowMs: clock.nowMs() };
    const workers = this.#willing().map(({ key }) => key);
    const isMissing = (chunk: number): boolean => !this.#results[chunk];
    const { help, hanging } = lateChunks(this.#assignments, workers, isMissing, times);
    for (const { worker, chunks } of help) this.#command(crew.find(worker), chunks);
    for (const { worker, forMs } of hanging) {
      crew.find(worker)?.end(`it owes evaluation chunks for ${Math.round(forMs / 1000)} s`);
    }
  }

  #take(session: WorkerSession, result: EvaluationResult__Output): void {
    const { jobId, leadershipEpoch, versions } = this.#ports;
    // Ids are the job's own, and come again after a rewind: only the version tells a late answer from this one's.
    if (result.jobId !== jobId || result.leadershipEpoch !== leadershipEpoch) return;
    if (result.version !== versions.version) return;
    if (result.evaluationId !== this.#request.id || result.incarnation !== session.key.incarnation) return;
    if (result.failure) {
      const { code, message } = result.failure;
      if (++this.#failures >= MAX_EVALUATION_FAILURES) {
        const error = new LockstepError('LANE_FAILED', {
          message: `An evaluation failed ${this.#failures} times. The last: ${code}: ${message}`,
        });
        this.#end((_resolve, reject) => reject(error));
        return;
      }
      this.#failedOn.add(session);
      this.#release(session);
      return;
    }
    for (const chunk of result.chunks) {
      if (!this.#assignments.some((each) => isSame(each.worker, session.key) && each.chunks.includes(chunk.chunk)))
        continue;
      const fault = this.#faultOf(chunk);
      if (fault) {
        session.end(`evaluation chunk ${chunk.chunk} ${fault}`);
        return;
      }
      this.#assignments = afterAnswer(this.#assignments, session.key, chunk.chunk, this.#ports.clock.nowMs());
      const known = this.#results[chunk.chunk];
      if (!known) this.#results[chunk.chunk] = chunk;
      else if (!isDeepStrictEqual(known, chunk)) this.#ports.onChunkDifference(session.key, chunk.chunk);
    }
    this.#finishWhenWhole();
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
    this.#assignments = this.#assignments.filter(({ worker }) => !isSame(worker, session.key));
    this.#assign();
  }

  /** Gives chunks that nobody has to the ready workers, in contiguous runs. */
  #assign(): void {
    const isTaken = (chunk: number): boolean => this.#assignments.some(({ chunks }) => chunks.includes(chunk));
    const open = this.#results.flatMap((result, chunk) => (result || isTaken(chunk) ? [] : [chunk]));
    const workers = this.#willing().slice(0, open.length);
    workers.forEach((worker, index) => {
      const from = Math.floor((index * open.length) / workers.length);
      this.#command(worker, open.slice(from, Math.floor(((index + 1) * open.length) / workers.length)));
    });
  }

  /** Ready workers on which nothing has failed here, or all where there are none; last those that still owe lanes. */
  #willing(): readonly WorkerSession[] {
    const { crew, pace } = this.#ports;
    const untried = crew.ready.filter((session) => !this.#failedOn.has(session));
    const isBehind = ({ key }: WorkerSession): boolean => pace.owing.some(({ worker }) => isSame(worker, key));
    return (untried.length > 0 ? untried : crew.ready).toSorted((a, b) => Number(isBehind(a)) - Number(isBehind(b)));
  }

  #command(worker: WorkerSession | undefined, chunks: readonly number[]): void {
    if (!worker) return;
    const { versions, jobId, leadershipEpoch, clock, link } = this.#ports;
    const host = link.isHost(worker.key);
    this.#assignments.push({ worker: worker.key, chunks, sinceMs: clock.nowMs(), returned: [], answeredMs: null });
    worker.send({
      evaluate: {
        ...{ jobId, leadershipEpoch, incarnation: worker.key.incarnation, evaluationId: this.#request.id },
        ...{ source: this.#request.source, version: versions.version },
        ...{ host, parameterDigest: host ? 0 : versions.digest },
        ...{ chunks: [...chunks], modelSha256: this.#request.modelSha256 ?? '', timeoutMs: COMMAND_TIMEOUT_MS },
      },
    });
  }

  #finishWhenWhole(): void {
    const whole = this.#results.every((result) => result !== undefined);
    if (!whole) return;
    this.#ports.pace.chunkMs = medianPerChunk(this.#assignments) ?? this.#ports.pace.chunkMs;
    this.#end((resolve) => resolve(this.#results as ChunkResult__Output[]));
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
