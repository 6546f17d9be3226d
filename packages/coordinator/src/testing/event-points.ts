/** What an event file holds, read without TensorBoard. */
import { readFile } from 'node:fs/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { findEventFile } from '../adapters/event-folder.js';
import { EventSchema } from '../core/tensorboard/gen/event_pb.js';
import { readRecords } from '../core/tensorboard/records.js';

/** One value of a tag; of a histogram how many values it counts. */
export interface Point {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

/** All points of the newest file in a folder. @throws Error where it is torn or has no version and graph first */
export async function eventPoints(folder: string): Promise<Point[]> {
  const bytes = await readFile((await findEventFile(folder)) ?? folder);
  const records = [...readRecords(bytes)];
  if (records.at(-1)?.end !== bytes.length) throw new Error('the file is torn');
  const [version, graph, ...events] = records.map(({ payload }) => fromBinary(EventSchema, payload));
  if (version?.what.case !== 'fileVersion' || graph?.what.case !== 'graphDef') throw new Error('the file has no head');
  return events.flatMap(({ step, what }) => {
    if (what.case !== 'summary') throw new Error(`an event is a ${what.case}`);
    return what.value.value.map(({ tag, value }) => ({
      ...{ tag, step: Number(step) },
      value: value.case === 'histo' ? value.value.num : (value.value ?? Number.NaN),
    }));
  });
}

/** Those whose values follow from the job, as "tag step value". */
export function lasting(points: readonly Point[]): string[] {
  const isTime = ({ tag }: Point): boolean => ['rows_per_second', 'epoch/seconds'].includes(tag);
  return points.map((point) => `${point.tag} ${point.step}${isTime(point) ? '' : ` ${point.value}`}`);
}
