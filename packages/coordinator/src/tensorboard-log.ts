/** Keeps what TensorBoard draws of a job: scalars, histograms and the graph, written beside the steps. */

import type { Graph, ModelPlan } from '@lockstep/model';
import { inTurns } from '@lockstep/protocol';
import { type GradientFormat, LockstepError, type ParameterLayout, roundOperand } from '@lockstep/protocol/core';
import type { EpochRow } from './core/history.js';
import {
  type EventPlace,
  epochEvent,
  graphEvent,
  histogramEvent,
  type StepValues,
  stepEvent,
  testEvent,
  versionEvent,
} from './core/tensorboard/events.js';
import { graphDef } from './core/tensorboard/graph-def.js';
import { type Histogram, histogramOf } from './core/tensorboard/histogram.js';
import { sampleTensors, type TensorSamples } from './core/tensorboard/sample.js';
import type { UpdateInput } from './core/update.js';
import type { EpochState } from './epoch-state.js';
import type { Job } from './job.js';
import { MAX_HISTOGRAM_POINTS, MAX_STEP_POINTS, TENSORBOARD_FLUSH_MS, TENSORBOARD_WAIT_MS } from './limits.js';
import type { CheckpointStore, Clock, EventFile } from './ports.js';
import type { Updater } from './updater.js';

/** What is kept, and where. */
export interface TensorBoardOptions {
  readonly file: EventFile;
  readonly clock: Clock;
  readonly layout: ParameterLayout;
  /** Drawn as the model. */
  readonly graph: Graph;
  /** What operands of the last addition of a gradient are rounded to. */
  readonly format: GradientFormat;
  readonly perEpoch: number;
  readonly epochs: number;
  /** Epochs between two histograms; 0 is never. */
  readonly histogramEveryEpochs: number;
  /** What the job goes on from: finished steps and epochs. */
  readonly from: Progress;
  /** Told once, when nothing more can be written. */
  readonly onFailed: (error: LockstepError) => void;
}

/** The log of an attempt at a job; null where the spec wants none. */
export function createTensorBoardLog(
  job: Job,
  ports: { readonly clock: Clock; readonly eventFile: (job: Job) => EventFile },
  parts: {
    readonly plan: ModelPlan;
    readonly perEpoch: number;
    readonly format: GradientFormat;
    readonly state: EpochState;
  },
): TensorBoardLog | null {
  const { run, train } = job.submission.spec;
  const { enabled, histogramEveryEpochs } = run.tensorboard;
  if (!enabled) return null;
  const { plan, perEpoch, format, state } = parts;
  return new TensorBoardLog({
    ...{ file: ports.eventFile(job), clock: ports.clock, layout: plan.layout, graph: plan.evaluationGraph },
    ...{ format, perEpoch, epochs: train.epochs, histogramEveryEpochs },
    from: { step: state.step, epochs: state.history.length },
    onFailed: ({ code, message: why }) => {
      const message = `TensorBoard's file is written no more; training goes on. ${why}`;
      job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code, message } });
    },
  });
}

/** Finished steps and epochs. */
interface Progress {
  readonly step: number;
  readonly epochs: number;
}

interface StepPoint extends StepValues {
  readonly step: number;
  readonly unixSeconds: number;
}

/**
 * The log of one attempt at a job. Nothing here throws: where the file can not be written, training goes on without.
 * Which steps and epochs have a point follows from the job alone, so that one that goes on later has the same.
 */
export class TensorBoardLog {
  readonly #options: TensorBoardOptions;
  readonly #stepStride: number;
  readonly #epochStride: number;
  /** Steps that are not written yet. */
  #points: StepPoint[] = [];
  #rowsSince = 0;
  #sinceMs = 0;
  #flushedMs = Number.NEGATIVE_INFINITY;
  /** Of the last step of an epoch whose histograms are due. */
  #gradients: TensorSamples | null = null;
  #hasFailed = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: TensorBoardOptions) {
    this.#options = options;
    const { perEpoch, epochs, histogramEveryEpochs, from } = options;
    this.#stepStride = Math.ceil((perEpoch * epochs) / MAX_STEP_POINTS);
    this.#epochStride =
      histogramEveryEpochs === 0 ? 0 : Math.max(histogramEveryEpochs, Math.ceil(epochs / MAX_HISTOGRAM_POINTS));
    this.#goOnFrom(from);
  }

  /** Steps begin, or go on: the time before is none of theirs. */
  started(): void {
    this.#sinceMs = this.#options.clock.nowMs();
    this.#rowsSince = 0;
  }

  /** A step was committed. @param step how many have finished with it */
  step(step: number, rows: number, { loss, learningRate }: Omit<StepValues, 'rowsPerSecond'>): void {
    this.#rowsSince += rows;
    if (step % this.#stepStride !== 0) return;
    const { clock } = this.#options;
    const now = clock.nowMs();
    const seconds = (now - this.#sinceMs) / 1000;
    const rowsPerSecond = seconds > 0 ? this.#rowsSince / seconds : 0;
    this.#points.push({ step, unixSeconds: clock.unixSeconds(), loss, learningRate, rowsPerSecond });
    this.started();
    if (now - this.#flushedMs >= TENSORBOARD_FLUSH_MS) this.#flush();
  }

  /** An updater that shows the gradients of steps whose histograms are due; it changes none. */
  watching(updater: Updater): Updater {
    return {
      update: async (input) => {
        const { perEpoch } = this.#options;
        const steps = input.step + 1;
        const isDue = steps % perEpoch === 0 && this.#isDue(steps / perEpoch);
        const samples = isDue && !this.#hasFailed ? this.#sampleGradient(input) : null;
        await updater.update(input);
        this.#gradients = samples;
      },
      close: () => updater.close(),
    };
  }

  /** An epoch has ended; waits for nothing but what was to be written before. @param parameters as they are now */
  async epochEnded(step: number, { epoch, metrics, seconds }: EpochRow, parameters: Float32Array): Promise<void> {
    const time = { step, unixSeconds: this.#options.clock.unixSeconds() };
    this.#flush();
    this.#append([epochEvent(time, metrics, seconds)]);
    // No more than the samples of one epoch are in memory.
    await this.#written();
    if (this.#isDue(epoch) && !this.#hasFailed) {
      const samples = { parameters: sampleTensors(parameters, this.#options.layout), gradients: this.#gradients };
      this.#gradients = null;
      this.#then(async () => {
        const event = histogramEvent(time, await inTurns(histogramsOf(samples)));
        if (event) await this.#options.file.append([event]);
      });
    }
    this.started();
  }

  /** The model was measured on the test rows. */
  tested(step: number, metrics: Readonly<Record<string, number>>): void {
    const event = testEvent({ step, unixSeconds: this.#options.clock.unixSeconds() }, metrics);
    this.#flush();
    if (event) this.#append([event]);
  }

  /** Drops what came after a checkpoint. */
  rewound(to: Progress): void {
    this.#gradients = null;
    this.#flush();
    this.#goOnFrom(to);
    this.started();
  }

  /** A store whose checkpoints are kept once all before is: one that goes on from them lacks no point. */
  before(store: CheckpointStore): CheckpointStore {
    return {
      save: async (checkpoint) => {
        this.#flush();
        this.#then(() => this.#options.file.sync());
        await this.#written();
        await store.save(checkpoint);
      },
      newest: (onDamaged) => store.newest(onDamaged),
      keep: (steps) => store.keep(steps),
    };
  }

  /** Settles once all is written. */
  async close(): Promise<void> {
    this.#flush();
    await this.#written();
    if (!this.#hasFailed) await this.#options.file.close().catch(() => {});
  }

  #isDue(epoch: number): boolean {
    return this.#epochStride > 0 && epoch % this.#epochStride === 0;
  }

  /** The gradient of the mean loss, as penalties and clipping find it. */
  #sampleGradient({ gradients, denominator }: UpdateInput): TensorSamples {
    const { layout, format } = this.#options;
    const [first, ...others] = gradients.map((gradient) => sampleTensors(gradient, layout));
    for (const [name, sum] of first ?? []) {
      if (others.length > 0) roundOperand(sum, format);
      for (const other of others) {
        const operand = other.get(name) as Float32Array;
        roundOperand(operand, format);
        for (let index = 0; index < sum.length; index++) sum[index]! += operand[index]!;
      }
      for (let index = 0; index < sum.length; index++) sum[index]! /= denominator;
    }
    return first ?? new Map();
  }

  #goOnFrom(progress: Progress): void {
    const { file, clock, graph } = this.#options;
    const place = this.#placeOf(progress);
    const head = (): Uint8Array[] => {
      const now = clock.unixSeconds();
      return [versionEvent(now), graphEvent(now, graphDef(graph))];
    };
    this.#then(() => file.goOnFrom(place, head));
  }

  /** What a checkpoint has seen: one before the end of an epoch may be of the same step as one after it. */
  #placeOf({ step, epochs }: Progress): EventPlace {
    if (step === 0) return { step, stage: 'start' };
    return { step, stage: step === epochs * this.#options.perEpoch ? 'epoch' : 'step' };
  }

  #flush(): void {
    this.#flushedMs = this.#options.clock.nowMs();
    const points = this.#points;
    this.#points = [];
    if (points.length > 0) this.#then(() => this.#options.file.append(points.map((each) => stepEvent(each, each))));
  }

  #append(payloads: readonly Uint8Array[]): void {
    this.#then(() => this.#options.file.append(payloads));
  }

  #then(work: () => Promise<void>): void {
    this.#tail = this.#tail
      .then(() => (this.#hasFailed ? undefined : work()))
      .catch((cause: unknown) => this.#fail(LockstepError.from(cause)));
  }

  /** Settles when all is written, or cannot be in time. */
  async #written(): Promise<void> {
    if (this.#hasFailed) return;
    const message = `The disk has not answered for ${TENSORBOARD_WAIT_MS / 1000} s.`;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#fail(new LockstepError('OUTPUT_UNWRITABLE', { message, field: 'events' }));
        resolve();
      }, TENSORBOARD_WAIT_MS);
    });
    await Promise.race([this.#tail, late]).finally(() => clearTimeout(timer));
  }

  #fail(error: LockstepError): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFailed(error);
  }
}

/** Histograms by tag, one at a time. */
function* histogramsOf(
  kinds: Readonly<Record<string, TensorSamples | null>>,
): Generator<void, ReadonlyMap<string, Histogram>> {
  const histograms = new Map<string, Histogram>();
  for (const [kind, samples] of Object.entries(kinds)) {
    for (const [name, values] of samples ?? []) {
      const histogram = histogramOf(values);
      if (histogram) histograms.set(`${kind}/${name}`, histogram);
      yield;
    }
  }
  return histograms;
}
