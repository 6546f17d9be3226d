/** Payloads of an event file: version, graph, scalars and histograms, and at which place of a job each is. */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { EventSchema, type Summary_Value } from './gen/event_pb.js';
import type { Histogram } from './histogram.js';

/** What TensorBoard knows the format by. */
const FILE_VERSION = 'brain.Event:2';

/** Tags of single steps; all others are of the end of an epoch, or of the test rows. */
const STEP_TAGS = { loss: 'loss/batch', learningRate: 'learning_rate', rowsPerSecond: 'rows_per_second' } as const;
const STEP_TAG_NAMES: ReadonlySet<string> = new Set(Object.values(STEP_TAGS));
const VALIDATION = 'validation_';
const TEST = '/test';

/** Where a job is when an event is written: after so many steps, and whether the epoch or the job ended there too. */
export interface EventPlace {
  readonly step: number;
  readonly stage: Stage;
}

/** What has happened at a step, in this order. */
export type Stage = 'start' | 'step' | 'epoch' | 'test';
const STAGES: readonly Stage[] = ['start', 'step', 'epoch', 'test'];

/** When an event happened. */
export interface EventTime {
  /** Finished steps. */
  readonly step: number;
  readonly unixSeconds: number;
}

/** What a step is drawn by. */
export interface StepValues {
  /** Mean over the rows of the global batch. */
  readonly loss: number;
  readonly learningRate: number;
  /** Training rows a second since the point before. */
  readonly rowsPerSecond: number;
}

/** The first event of a file. */
export function versionEvent(unixSeconds: number): Uint8Array {
  return encode({ step: 0, unixSeconds }, { case: 'fileVersion', value: FILE_VERSION });
}

/** The model's graph. @param graphDef bytes of a GraphDef */
export function graphEvent(unixSeconds: number, graphDef: Uint8Array): Uint8Array {
  return encode({ step: 0, unixSeconds }, { case: 'graphDef', value: graphDef });
}

/** A step. */
export function stepEvent(time: EventTime, values: StepValues): Uint8Array {
  return scalars(
    time,
    Object.entries(STEP_TAGS).map(([name, tag]) => [tag, values[name as keyof StepValues]]),
  );
}

/** The end of an epoch. @param metrics by their names in history.csv; those of one kind share a chart */
export function epochEvent(time: EventTime, metrics: Readonly<Record<string, number>>, seconds: number): Uint8Array {
  const tagOf = (name: string): string =>
    name.startsWith(VALIDATION) ? `${name.slice(VALIDATION.length)}/validation` : `${name}/train`;
  const values = Object.entries(metrics).map(([name, value]): [string, number] => [tagOf(name), value]);
  return scalars(time, [...values, ['epoch/seconds', seconds]]);
}

/** Metrics of the test rows; null where there are none. */
export function testEvent(time: EventTime, metrics: Readonly<Record<string, number>>): Uint8Array | null {
  const values = Object.entries(metrics).map(([name, value]): [string, number] => [`${name}${TEST}`, value]);
  return values.length === 0 ? null : scalars(time, values);
}

/** Histograms by tag; null where there are none. */
export function histogramEvent(time: EventTime, histograms: ReadonlyMap<string, Histogram>): Uint8Array | null {
  if (histograms.size === 0) return null;
  const value = [...histograms].map(([tag, { limits, counts, ...sums }]) => ({
    tag,
    value: { case: 'histo' as const, value: { ...sums, bucketLimit: [...limits], bucket: [...counts] } },
  }));
  return encode(time, { case: 'summary', value: { value } });
}

/** Where an event belongs; null of what is no event. */
export function placeOf(payload: Uint8Array): EventPlace | null {
  try {
    const { step, what } = fromBinary(EventSchema, payload);
    if (what.case !== 'summary') return { step: 0, stage: 'start' };
    return { step: Number(step), stage: stageOf(what.value.value) };
  } catch {
    return null;
  }
}

/** Whether a place comes after another one. */
export function isAfter(left: EventPlace, right: EventPlace): boolean {
  if (left.step !== right.step) return left.step > right.step;
  return STAGES.indexOf(left.stage) > STAGES.indexOf(right.stage);
}

function stageOf(values: readonly Summary_Value[]): Stage {
  const [first] = values;
  if (first?.value.case !== 'simpleValue') return 'epoch';
  if (STEP_TAG_NAMES.has(first.tag)) return 'step';
  return first.tag.endsWith(TEST) ? 'test' : 'epoch';
}

function scalars(time: EventTime, values: readonly (readonly [string, number])[]): Uint8Array {
  const value = values.map(([tag, number]) => ({ tag, value: { case: 'simpleValue' as const, value: number } }));
  return encode(time, { case: 'summary', value: { value } });
}

type What = NonNullable<MessageInitShape<typeof EventSchema>['what']>;

function encode({ step, unixSeconds }: EventTime, what: What): Uint8Array {
  return toBinary(EventSchema, create(EventSchema, { wallTime: unixSeconds, step: BigInt(step), what }));
}
