/** Records when each phase of each step ran, on the coordinator and on every worker, and writes it as trace events. */

/** A phase of one step in one process. */
export interface TraceSpan {
  readonly phase: string;
  /** "coordinator" or a worker's id. */
  readonly process: string;
  /** What a row of the trace stands for: a phase of the coordinator, lanes of a worker. */
  readonly thread: string;
  readonly step: number;
  readonly startMs: number;
  readonly durationMs: number;
}

/** A gradient frame of a worker, as it arrives. */
export interface ArrivedFrame {
  readonly worker: string;
  readonly step: number;
  /** For example "lanes 0-1". */
  readonly lanes: string;
  /** Times that the worker has measured; null unless this is the last frame of its lanes. */
  readonly measured: { readonly computeSeconds: number; readonly waitParametersSeconds: number } | null;
}

/** What took the most of the time, each with its share of the time of all steps. */
export interface TraceSummary {
  readonly steps: number;
  readonly seconds: number;
  /** A phase that lies on the way of a step; what the workers do counts by the one that was last. */
  readonly slowestPhase: { readonly phase: string; readonly share: number } | null;
  /** The worker that computed longest. */
  readonly slowestWorker: { readonly worker: string; readonly share: number } | null;
  /** Spans that the trace does not hold any more. The summary counts them all the same. */
  readonly droppedSpans: number;
}

/** Spans of a trace at most, about 30 MB as text: where there are more, the older half goes. */
export const MAX_SPANS = 200_000;
const COORDINATOR = 'coordinator';
/** Phases of the coordinator that lie one behind another; a worker's phases lie within `compute`, `command` at its start. */
const IN_ORDER = ['compute', 'reduce', 'update', 'broadcast'];

/** Phases of the steps of one job. */
export class StepTrace {
  readonly #maxSpans: number;
  #spans: TraceSpan[] = [];
  #dropped = 0;
  #step = 0;
  #steps = 0;
  #totalMs = 0;
  /** Phases whose place, or step, is known only later in their step. */
  #command: { readonly ms: number; readonly endMs: number } | null = null;
  #computeMs = 0;
  /** When the first frame of lanes arrived, by worker and lanes. */
  readonly #firstFrames = new Map<string, number>();
  /** What the worker that was last has told of this step, by phase. */
  #last: ReadonlyMap<string, number> = new Map();
  readonly #phases = new Map<string, number>();
  readonly #workers = new Map<string, number>();

  constructor(maxSpans = MAX_SPANS) {
    this.#maxSpans = maxSpans;
  }

  /** A phase of the coordinator has ended. */
  phase(phase: string, seconds: number, endMs: number): void {
    const ms = seconds * 1000;
    if (phase === 'command') this.#command = { ms, endMs };
    else if (phase === 'compute') this.#computeMs = ms;
    else {
      if (phase === 'reduce') this.#gathered(endMs - ms);
      this.#add(COORDINATOR, phase, phase, endMs - ms, ms);
    }
    if (phase === 'broadcast') this.#steps++;
    if (!IN_ORDER.includes(phase)) return;
    this.#totalMs += ms;
    if (phase !== 'compute') grow(this.#phases, phase, ms);
  }

  /** A worker's frame has arrived: its times are laid out backwards from there, so that no clocks are compared. */
  arrived({ worker, step, lanes, measured }: ArrivedFrame, nowMs: number): void {
    this.#step = step;
    const key = `${worker} ${lanes}`;
    const firstMs = this.#firstFrames.get(key) ?? nowMs;
    this.#firstFrames.set(key, firstMs);
    if (!measured) return;
    this.#firstFrames.delete(key);
    const computeMs = measured.computeSeconds * 1000;
    const waitMs = measured.waitParametersSeconds * 1000;
    const computedMs = firstMs - computeMs;
    if (waitMs > 0) this.#add(worker, lanes, 'wait_parameters', computedMs - waitMs, waitMs);
    this.#add(worker, lanes, 'compute', computedMs, computeMs);
    if (nowMs > firstMs) this.#add(worker, lanes, 'upload', firstMs, nowMs - firstMs);
    grow(this.#workers, worker, computeMs);
    this.#last = new Map([
      ['wait_parameters', waitMs],
      ['compute', computeMs],
      ['upload', nowMs - firstMs],
    ]);
  }

  /** What took the most of the time so far. */
  summary(): TraceSummary {
    const share = (ms: number): number => (this.#totalMs > 0 ? ms / this.#totalMs : 0);
    const phase = longest(this.#phases);
    const worker = longest(this.#workers);
    return {
      steps: this.#steps,
      seconds: this.#totalMs / 1000,
      slowestPhase: phase && { phase: phase.name, share: share(phase.ms) },
      slowestWorker: worker && { worker: worker.name, share: share(worker.ms) },
      droppedSpans: this.#dropped,
    };
  }

  /** The trace as the JSON object format of Chrome's trace events, in pieces of text, which Perfetto opens too. */
  *pieces(): Generator<string> {
    const processes = new Map<string, number>([[COORDINATOR, 1]]);
    const threads = new Map<string, number>();
    const spans = [...this.#spans].sort((left, right) => left.startMs - right.startMs);
    const zeroMs = spans[0]?.startMs ?? 0;
    const summary = JSON.stringify(this.summary());
    yield `{"displayTimeUnit":"ms","otherData":${summary},"traceEvents":[\n`;
    yield named('process_name', 1, 0, COORDINATOR);
    for (const { process, thread, phase, step, startMs, durationMs } of spans) {
      const isNewProcess = !processes.has(process);
      const pid = numberOf(processes, process);
      if (isNewProcess) yield `,\n${named('process_name', pid, 0, process)}`;
      const row = `${process}\n${thread}`;
      const isNewThread = !threads.has(row);
      const tid = numberOf(threads, row);
      if (isNewThread) yield `,\n${named('thread_name', pid, tid, thread)}`;
      const ts = micros(startMs - zeroMs);
      yield `,\n${JSON.stringify({ name: phase, cat: 'step', ph: 'X', ts, dur: micros(durationMs), pid, tid, args: { step } })}`;
    }
    yield '\n]}\n';
  }

  /**
   * Lanes have arrived and been summed since: places the phases before, and splits the wait for lanes into what the last
   * worker did, and the rest.
   */
  #gathered(reduceStartMs: number): void {
    const { ms: commandMs, endMs } = this.#command ?? { ms: 0, endMs: 0 };
    if (this.#command) this.#add(COORDINATOR, 'command', 'command', endMs - commandMs, commandMs);
    this.#command = null;
    this.#add(COORDINATOR, 'compute', 'compute', reduceStartMs - this.#computeMs, this.#computeMs);
    let rest = this.#computeMs;
    for (const [phase, ms] of this.#last) {
      const within = Math.min(ms, rest);
      grow(this.#phases, phase, within);
      rest -= within;
    }
    grow(this.#phases, 'messages', rest);
  }

  #add(process: string, thread: string, phase: string, startMs: number, durationMs: number): void {
    this.#spans.push({ phase, process, thread, step: this.#step, startMs, durationMs });
    if (this.#spans.length <= this.#maxSpans) return;
    const kept = this.#spans.slice(-Math.floor(this.#maxSpans / 2));
    this.#dropped += this.#spans.length - kept.length;
    this.#spans = kept;
  }
}

function grow(sums: Map<string, number>, name: string, by: number): void {
  sums.set(name, (sums.get(name) ?? 0) + by);
}

function longest(sums: ReadonlyMap<string, number>): { readonly name: string; readonly ms: number } | null {
  const [first = null, ...others] = [...sums].map(([name, ms]) => ({ name, ms }));
  return others.reduce((most, one) => (most === null || one.ms > most.ms ? one : most), first);
}

/** The number that a name has in the trace, given in the order in which they are seen. */
function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name) ?? numbers.size + 1;
  numbers.set(name, known);
  return known;
}

function named(kind: 'process_name' | 'thread_name', pid: number, tid: number, name: string): string {
  return JSON.stringify({ name: kind, ph: 'M', pid, tid, args: { name } });
}

/** Microseconds with three decimals. */
function micros(ms: number): number {
  return Math.max(0, Math.round(ms * 1e6) / 1e3);
}
