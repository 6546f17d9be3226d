/** Refuses feeds and fetches that do not fit a session, before native code sees them. */
import { LockstepError } from '@lockstep/protocol/core';
import type { EngineTensor, EngineValueInfo } from '../engine.js';
import { MAX_RANK } from '../limits.js';
import { elementCount, holdsType } from './element-types.js';

/** What a run is given. */
export type Feeds = Readonly<Record<string, EngineTensor>>;
/** What a run is asked for. */
export type Fetches = Readonly<Record<string, EngineTensor | null>>;
/** What a run gives. */
export type RunResults = Readonly<Record<string, EngineTensor>>;

/** An error of one run. */
export function runError(message: string, field: string, cause?: unknown): LockstepError {
  return new LockstepError('ENGINE_RUN_FAILED', { message, field, cause });
}

/** Checks the runs of one session. */
export class RunCheck {
  readonly #inputs: readonly EngineValueInfo[];
  readonly #outputs: readonly EngineValueInfo[];
  readonly #outputIndex: ReadonlyMap<string, number>;

  constructor(inputs: readonly EngineValueInfo[], outputs: readonly EngineValueInfo[]) {
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#outputIndex = new Map(outputs.map(({ name }, index) => [name, index]));
  }

  /**
   * Checks all of a run's tensors.
   * @returns positions of the fetched outputs among the session's, in the order of `fetches`
   * @throws LockstepError ENGINE_RUN_FAILED naming the first that does not fit
   */
  run(feeds: Feeds, fetches: Fetches): number[] {
    for (const input of this.#inputs) {
      const tensor = feeds[input.name];
      if (!tensor) throw runError(`Input ${input.name} is not fed.`, input.name);
      checkTensor(input, tensor);
    }
    const fed = Object.keys(feeds);
    if (fed.length > this.#inputs.length) {
      const known = new Set(this.#inputs.map(({ name }) => name));
      const unknown = fed.find((name) => !known.has(name)) ?? '';
      throw runError(`The graph has no input ${unknown}.`, unknown);
    }
    const wanted = Object.keys(fetches);
    if (wanted.length === 0) throw runError('Nothing is fetched.', 'fetches');
    return wanted.map((name) => this.#checkFetch(name, fetches[name] ?? null));
  }

  #checkFetch(name: string, tensor: EngineTensor | null): number {
    const index = this.#outputIndex.get(name);
    if (index === undefined) throw runError(`The graph has no output ${name}.`, name);
    if (tensor?.type === 'string') throw runError(`Text output ${name} cannot be written in place.`, name);
    if (tensor) checkTensor(this.#outputs[index] as EngineValueInfo, tensor);
    return index;
  }
}

/** Checks a tensor against a session's input or output. @throws LockstepError ENGINE_RUN_FAILED naming it */
export function checkTensor(info: EngineValueInfo, { type, shape, data }: EngineTensor): void {
  const { name } = info;
  if (type !== info.type) throw runError(`${name} is ${type}, the graph wants ${info.type}.`, name);
  if (!holdsType(data, type)) throw runError(`The data of ${name} is not of type ${type}.`, name);
  if (shape.length > MAX_RANK) throw runError(`${name} has ${shape.length} dimensions, at most ${MAX_RANK}.`, name);
  const fits =
    shape.length === info.shape.length &&
    shape.every((size, axis) => Number.isSafeInteger(size) && size >= 0 && [-1, size].includes(info.shape[axis]!));
  if (!fits)
    throw runError(`${name} has shape [${shape.join(', ')}], the graph wants [${info.shape.join(', ')}].`, name);
  if (data.length !== elementCount(shape)) {
    throw runError(`${name} has ${data.length} elements, its shape wants ${elementCount(shape)}.`, name);
  }
  if (type === 'string') checkText(name, data as readonly string[]);
}

/** ONNX Runtime takes text as C strings, which would end at a NUL. */
function checkText(name: string, strings: readonly string[]): void {
  for (const [row, text] of strings.entries()) {
    if (typeof text !== 'string') throw runError(`Element ${row} of ${name} is not text.`, name);
    if (text.includes('\0')) throw runError(`Element ${row} of ${name} holds a NUL character.`, name);
  }
}
