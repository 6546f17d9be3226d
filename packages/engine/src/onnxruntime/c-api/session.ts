/** One loaded graph: runs that are short on this thread or long on another, over memory that is never copied. */
import type { EngineSession, EngineTensor } from '../../engine.js';
import { ASYNC_ABOVE_MS, LONG_FIRST_RUN_MS } from '../../limits.js';
import { type Feeds, type Fetches, RunCheck, type RunResults, runError } from '../../tensors/check-tensors.js';
import { RunQueue } from '../../tensors/run-queue.js';
import { callAsync, NativeWords } from './native.js';
import { describeSide, freeNames, type NativeValueInfo } from './session-info.js';
import { ValueSlot } from './value-cache.js';
import { createCopiedValue, fromNativeValue, type OwnedValue, type ValueContext } from './values.js';

/** Share of the newest run in the expected time. */
const SMOOTHING = 0.2;

/** A session of the C API. */
export class CApiSession implements EngineSession {
  readonly inputs: readonly NativeValueInfo[];
  readonly outputs: readonly NativeValueInfo[];
  readonly #context: ValueContext;
  readonly #session: bigint;
  readonly #check: RunCheck;
  readonly #queue = new RunQueue();
  readonly #inputSlots: readonly ValueSlot[];
  readonly #outputSlots: readonly ValueSlot[];
  /** Input names, input values, output names, output values: what a run points at. */
  readonly #table: NativeWords;
  /** null before the first run. */
  #expectedMs: number | null = null;

  /** Takes over a native session, which it frees also where it throws. */
  constructor(context: ValueContext, session: bigint) {
    this.#context = context;
    this.#session = session;
    try {
      this.inputs = describeSide(context, session, 'Input');
      this.outputs = describeSide(context, session, 'Output');
    } catch (thrown) {
      context.native.library.api.releaseSession(session);
      throw thrown;
    }
    this.#check = new RunCheck(this.inputs, this.outputs);
    this.#inputSlots = this.inputs.map(({ name }) => new ValueSlot(context, name));
    this.#outputSlots = this.outputs.map(({ name }) => new ValueSlot(context, name));
    this.#table = new NativeWords(2 * (this.inputs.length + this.outputs.length));
    this.inputs.forEach(({ nameAddress }, index) => {
      this.#table.words[index] = nameAddress;
    });
  }

  run(feeds: Feeds, fetches: Fetches): Promise<RunResults> {
    return this.#queue.run(() => this.#run(feeds, fetches));
  }

  release(): Promise<void> {
    return this.#queue.close(() => {
      for (const slot of [...this.#inputSlots, ...this.#outputSlots]) slot.release();
      freeNames(this.#context, [...this.inputs, ...this.outputs]);
      this.#context.native.library.api.releaseSession(this.#session);
      this.#table.free();
    });
  }

  async #run(feeds: Feeds, fetches: Fetches): Promise<RunResults> {
    const wanted = this.#check.run(feeds, fetches);
    const owned: OwnedValue[] = [];
    try {
      this.#pointAtInputs(feeds, owned);
      this.#pointAtOutputs(wanted, fetches);
      const status = await this.#call(wanted.length);
      this.#context.native.check(status, (message) => runError(message, 'run'));
      return this.#take(wanted, fetches);
    } finally {
      for (const { value } of owned) this.#context.native.library.api.releaseValue(value);
    }
  }

  #pointAtInputs(feeds: Feeds, owned: OwnedValue[]): void {
    this.inputs.forEach(({ name }, index) => {
      const tensor = feeds[name] as EngineTensor;
      let value = tensor.type === 'string' ? null : (this.#inputSlots[index] as ValueSlot).take(tensor);
      if (value === null) {
        const copied = createCopiedValue(this.#context, name, tensor);
        owned.push(copied);
        value = copied.value;
      }
      this.#table.words[this.inputs.length + index] = value;
    });
  }

  #pointAtOutputs(wanted: readonly number[], fetches: Fetches): void {
    const first = 2 * this.inputs.length;
    wanted.forEach((output, index) => {
      const { name, nameAddress } = this.outputs[output] as NativeValueInfo;
      const tensor = fetches[name];
      const value = tensor ? (this.#outputSlots[output] as ValueSlot).take(tensor) : 0n;
      if (value === null) throw runError(`${name} does not start on a 64-byte boundary.`, name);
      this.#table.words[first + index] = nameAddress;
      this.#table.words[first + wanted.length + index] = value;
    });
  }

  async #call(outputCount: number): Promise<unknown> {
    const { run } = this.#context.native.library.api;
    const inputCount = this.inputs.length;
    const at = (word: number): bigint => this.#table.address + BigInt(word * 8);
    const args = [
      ...[this.#session, null, at(0), at(inputCount), inputCount],
      ...[at(2 * inputCount), outputCount, at(2 * inputCount + outputCount)],
    ];
    // Nobody knows how long the first one takes: that of a large model is seconds.
    const isLong = this.#expectedMs === null || this.#expectedMs > ASYNC_ABOVE_MS;
    const startedMs = performance.now();
    const status = isLong ? await callAsync(run, args) : run(...args);
    this.#learn(performance.now() - startedMs, isLong);
    return status;
  }

  /** The time of a run on another thread holds the wait for this one, so it may lower the expectation but not raise it. */
  #learn(elapsedMs: number, wasAsync: boolean): void {
    if (this.#expectedMs === null) {
      this.#expectedMs = elapsedMs > LONG_FIRST_RUN_MS ? elapsedMs : 0;
      return;
    }
    const sample = wasAsync ? Math.min(elapsedMs, this.#expectedMs) : elapsedMs;
    this.#expectedMs += (sample - this.#expectedMs) * SMOOTHING;
  }

  #take(wanted: readonly number[], fetches: Fetches): RunResults {
    const first = 2 * this.inputs.length + wanted.length;
    const names = wanted.map((output) => (this.outputs[output] as NativeValueInfo).name);
    const results: Record<string, EngineTensor> = {};
    try {
      names.forEach((name, index) => {
        results[name] =
          fetches[name] ?? fromNativeValue(this.#context, name, this.#table.words[first + index] as bigint);
      });
      return results;
    } finally {
      names.forEach((name, index) => {
        if (!fetches[name]) this.#context.native.library.api.releaseValue(this.#table.words[first + index]);
      });
    }
  }
}
