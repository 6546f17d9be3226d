/** Invariants, checked from outside: on messages, broadcasts and files as they come to be. */
import { formatOfNode, GRADIENT_FORMATS, type GradientFormat, laneCodec } from '@lockstep/protocol/core';
import type { Checkpoint } from '../../packages/coordinator/src/checkpoint/checkpoint.ts';
import { decodeCheckpoint } from '../../packages/coordinator/src/checkpoint/codec.ts';
import { MAX_LANE_FAILURES } from '../../packages/coordinator/src/core/poison.ts';
import { plainOperand } from '../../packages/coordinator/src/core/testing/rounding.ts';
import { isEncoded, type Moment, type Oracle } from './oracle.ts';
import type { Disk } from './world/disk.ts';
import type { Observer } from './world/environment.ts';
import type { Process, World } from './world/kernel.ts';
import type { SimulatedMemory } from './world/shared-memory.ts';

/** Commands of one step to one worker that are still plausible. */
const MAX_COMMANDS = 40;
/** Events of a job that a client may be sent. */
const MAX_EVENTS = 20_000;

interface Gradient {
  readonly step: number;
  readonly version: number;
  readonly attempt: number;
  readonly leadershipEpoch: number;
  readonly firstLane: number;
  readonly endLane: number;
  readonly startElement?: number;
  /** Absent where the vector lies in a slot. */
  readonly data?: Uint8Array;
  readonly slot?: number;
  readonly sums?: {
    readonly denominator: number;
    readonly loss: number;
    readonly metric: number;
    readonly rows: number;
  };
}

interface Command {
  readonly step: number;
  readonly attempt: number;
  readonly lanes: readonly number[];
  readonly version: number;
  readonly leadershipEpoch: number;
  readonly incarnation: number;
  readonly host?: boolean;
}

/** Watches one run. */
export class Checks implements Observer {
  readonly #world: World;
  readonly #oracle: Oracle;
  readonly #memory: SimulatedMemory;
  /** Where each process's parameters and gradients lie. */
  readonly #parametersOf = new Map<Process, string>();
  readonly #gradientsOf = new Map<Process, string>();
  readonly #epochOf = new Map<Process, number>();
  readonly #commands = new Map<string, number>();
  /** Processes that were given a lane of a step under a leadership. */
  readonly #givenTo = new Map<string, Set<Process>>();
  readonly #answered = new Map<string, Set<string>>();
  /** Steps by leadership and version, where jobs go back within a leadership. */
  readonly #stepOf = new Map<string, number>();
  #epoch = 0;
  #version = -1;
  /** Highest version ever broadcast. */
  highest = -1;
  /** Step of the newest valid checkpoint when the coordinator in office started; 0 without one. */
  #resumeStep = 0;
  /** Workers that a row has ended under the coordinator in office. */
  #ended = 0;
  /** Versions that have come to be, again after a new start too. */
  progress = 0;

  constructor(world: World, oracle: Oracle, memory: SimulatedMemory) {
    this.#memory = memory;
    this.#world = world;
    this.#oracle = oracle;
  }

  /** A coordinator is about to start on the disk as it is now. */
  coordinatorStarts(disk: Disk): void {
    this.#resumeStep = newestValid(disk)?.step ?? 0;
    this.#ended = 0;
  }

  /** A row has ended a worker. */
  poisonEnds({ name }: Process): void {
    this.#world.sometimes('deadly row');
    if (++this.#ended > MAX_LANE_FAILURES)
      this.#world.violate('I15', `a row has ended ${this.#ended} workers, now ${name}`);
  }

  toServer(path: string, message: object, from: Process): string {
    const { gradient, laneFailed, jobReady, evaluation } = message as {
      gradient?: Gradient;
      laneFailed?: { step: number; failure?: { code: string; message: string } };
      jobReady?: { failure?: { code: string }; host?: { gradientsPath?: string } };
      evaluation?: { evaluationId: number; failure?: { code: string } };
    };
    if (gradient) {
      this.#gradient(gradient, from);
      return `gradient ${gradient.step}/${gradient.attempt} ${gradient.firstLane}-${gradient.endLane}`;
    }
    if (laneFailed) {
      this.#world.trace(
        `lane failed in step ${laneFailed.step}: ${laneFailed.failure?.code} ${laneFailed.failure?.message}`,
      );
      return 'lane failed';
    }
    if (evaluation) return `evaluation ${evaluation.evaluationId} ${evaluation.failure?.code ?? ''}`;
    if (jobReady?.host?.gradientsPath) this.#gradientsOf.set(from, jobReady.host.gradientsPath);
    if (jobReady) return `job ready ${jobReady.failure?.code ?? ''}`;
    if (path.endsWith('GetParameters')) this.#world.sometimes('chunk refetch');
    return path;
  }

  toClient(path: string, message: object, to: Process): string {
    const { step, jobPlan, welcome, event, startElement, version, data } = message as {
      jobPlan?: { host?: { parametersPath: string } };
      version?: number;
      startElement?: number;
      data?: Uint8Array;
      step?: Command;
      welcome?: { leadershipEpoch: number };
      event?: { sequence: number };
    };
    if (step) {
      this.#command(step, to);
      return `step ${step.step}/${step.attempt} lanes ${step.lanes.join()}`;
    }
    if (jobPlan?.host) this.#parametersOf.set(to, jobPlan.host.parametersPath);
    if (welcome) {
      this.#raise(to, welcome.leadershipEpoch, 'welcome');
      return `welcome ${welcome.leadershipEpoch}`;
    }
    if (version !== undefined && startElement !== undefined && data) this.#checkParameters(version, startElement, data);
    if (event && event.sequence % 2 ** 32 > MAX_EVENTS)
      this.#world.violate('I13', `event ${event.sequence} of one job`);
    return path;
  }

  broadcast(header: Readonly<Record<string, string>>, payload: Uint8Array): void {
    const [epoch, version, offset] = [header.leadershipEpoch, header.version, header.offset].map(Number) as [
      number,
      number,
      number,
    ];
    this.#progress(epoch, version);
    this.#checkParameters(version, offset, payload);
  }

  #checkParameters(version: number, offset: number, payload: Uint8Array): void {
    if (this.#isEncoded) {
      // Its step is known with the next command.
      const isAny = this.#oracle.moments.some(({ parameters }) => isPartOf(payload, parameters, offset));
      if (!isAny) this.#world.violate('I1', `version ${version} has bits of no step`);
      return;
    }
    const moment = this.#oracle.moments[version];
    if (!moment) {
      this.#world.violate('I1', `version ${version} is beyond the last step`);
      return;
    }
    if (!isPartOf(payload, moment.parameters, offset)) this.#world.violate('I1', `version ${version} has other bits`);
  }

  /** Workers, under the last leadership, that were given a lane and have died or do not answer. */
  endedOver(step: number, lane: number): number {
    const given = this.#givenTo.get(`${this.#epoch}/${step}/${lane}`) ?? [];
    return [...given].filter(({ isAlive, isMute }) => !isAlive || isMute).length;
  }

  /** A file has got its name. */
  named(path: string, data: Buffer): void {
    if (!isCheckpoint(path)) return;
    const found = decode(data);
    if (!found) {
      this.#world.violate('I9', `${path} is named before it is whole`);
      return;
    }
    const wrong = this.differenceOf(found);
    if (wrong) this.#world.violate('I10', `${path}: ${wrong}`);
  }

  /** A file goes. */
  removed(path: string, disk: Disk): void {
    if (!isCheckpoint(path)) return;
    const going = decode(disk.peek(path) ?? Buffer.alloc(0));
    const newest = newestValid(disk);
    if (going && newest?.step === going.step)
      this.#world.violate('I9', `${path}, the newest valid checkpoint, is deleted`);
  }

  /** What is wrong with a checkpoint; empty when it is what the oracle had then. */
  differenceOf({ step, parameters, optimizer, sums, history, residuals }: Checkpoint): string {
    const moment = this.#oracle.moments[step];
    if (!moment) return `step ${step} is beyond the job`;
    if (!isEqualBytes(bytesOf(parameters), moment.parameters)) return `other parameters at step ${step}`;
    const names = Object.keys(moment.optimizer.vectors);
    if (names.join() !== Object.keys(optimizer.vectors).join()) return 'other optimizer vectors';
    for (const name of names) {
      const [own, known] = [optimizer.vectors[name], moment.optimizer.vectors[name]] as [Float32Array, Float32Array];
      if (!isEqualBytes(bytesOf(own), known)) return `another ${name} at step ${step}`;
    }
    if (residuals.length !== moment.residuals.length) return `${residuals.length} residuals`;
    const wrong = residuals.findIndex(
      (own, lane) => !isEqualBytes(bytesOf(own), moment.residuals[lane] as Float32Array),
    );
    if (wrong >= 0) return `another residual of lane ${wrong} at step ${step}`;
    if (JSON.stringify(optimizer.numbers) !== JSON.stringify(moment.optimizer.numbers))
      return 'other optimizer numbers';
    const rows = history.map(({ metrics }) => metrics);
    if (JSON.stringify(rows) !== JSON.stringify(this.#oracle.epochs.slice(0, rows.length))) return 'another history';
    // At the end of an epoch the sums are those of the epoch that ends, or of the next one, by whether it is in the history.
    const isNewEpoch = step === history.length * this.#oracle.perEpoch;
    const expected: Moment['sums'] = isNewEpoch ? { denominator: 0, loss: 0, metric: 0 } : moment.sums;
    if (JSON.stringify(sums) !== JSON.stringify(expected)) return `other sums at step ${step}`;
    return '';
  }

  #gradient(gradient: Gradient, from: Process): void {
    const { step, version, firstLane, endLane, slot, sums, leadershipEpoch } = gradient;
    const data = slot ? this.#vector(this.#gradientsOf.get(from), slot - 1) : (gradient.data ?? new Uint8Array());
    if (slot) this.#world.sometimes('gradient in place');
    if (version !== step && !this.#isEncoded)
      this.#world.violate('I3', `${from.name} computed step ${step} on version ${version}`);
    const expected = this.#oracle.node(step, firstLane, endLane);
    const who = `lanes ${firstLane}-${endLane} of step ${step} from ${from.name}`;
    if (!expected) {
      this.#world.violate('I4', `${who} have no rows`);
      return;
    }
    // A fenced incarnation's memory is gone, and so is what it still says of it.
    if (data && !this.#isSumOf(expected.gradient, data, gradient)) this.#world.violate('I3', `${who} have other bits`);
    if (!sums) return;
    const { denominator, loss, metric, rows } = sums;
    if (JSON.stringify({ denominator, loss, metric, rows }) !== JSON.stringify(expected.sums))
      this.#world.violate('I2', `${who} have other sums`);
    const key = `${leadershipEpoch}/${step}/${firstLane}-${endLane}`;
    const answers = this.#answered.get(key) ?? new Set();
    answers.add(from.name);
    this.#answered.set(key, answers);
    if (answers.size > 1) this.#world.sometimes('lane answered twice');
  }

  #command(command: Command, to: Process): void {
    const { step, version, leadershipEpoch, lanes, host } = command;
    const parameters = host ? this.#vector(this.#parametersOf.get(to), version % 2) : null;
    if (host && !parameters) this.#world.violate('I3', `step ${step} is commanded on memory that is not there`);
    if (parameters && !this.#isEncoded) this.#checkParameters(version, 0, parameters);
    this.#raise(to, leadershipEpoch, `command of step ${step}`);
    this.#progress(leadershipEpoch, version);
    if (this.#isEncoded) this.#checkPlace(step, version, parameters);
    else if (version !== step) this.#world.violate('I3', `step ${step} is commanded on version ${version}`);
    if (lanes.length === 0) this.#world.violate('I4', `a command of step ${step} without lanes`);
    const key = `${leadershipEpoch}/${step}/${to.name}`;
    const count = (this.#commands.get(key) ?? 0) + 1;
    this.#commands.set(key, count);
    for (const lane of lanes) {
      const given = `${leadershipEpoch}/${step}/${lane}`;
      this.#givenTo.set(given, (this.#givenTo.get(given) ?? new Set()).add(to));
    }
    if (count > MAX_COMMANDS) this.#world.violate('I13', `${count} commands of step ${step} to ${to.name}`);
  }

  get #isEncoded(): boolean {
    return isEncoded(this.#oracle.workload.spec.train.gradients);
  }

  /** A version is of one step, and the next one of the next step, or of one that was gone back to. */
  #checkPlace(step: number, version: number, parameters: Uint8Array | null): void {
    const key = `${this.#epoch}/${version}`;
    const known = this.#stepOf.get(key) ?? step;
    this.#stepOf.set(key, step);
    const before = this.#stepOf.get(`${this.#epoch}/${version - 1}`) ?? step;
    if (known !== step || step > before + 1)
      this.#world.violate('I6', `step ${step} on version ${version}, after steps ${before} and ${known}`);
    if (step < before) this.#world.sometimes('went back in one leadership');
    const moment = this.#oracle.moments[step];
    if (parameters && moment && !isEqualBytes(parameters, moment.parameters))
      this.#world.violate('I1', `version ${version} is not that of step ${step}`);
  }

  /** Whether data of a node is its sum, as that travels. */
  #isSumOf(
    sum: Float32Array,
    data: Uint8Array,
    { firstLane, endLane, startElement: start = 0, slot }: Gradient,
  ): boolean {
    const { lanes, gradients } = this.#oracle.workload.spec.train;
    if (isEncoded(gradients)) return isPartOf(slot || endLane - firstLane > 1 ? data : this.#decoded(data), sum, start);
    const node = { first: firstLane, end: endLane };
    const format = slot ? GRADIENT_FORMATS.float32 : formatOfNode(GRADIENT_FORMATS[gradients], node, lanes);
    return isRounded(data, format, sum, start);
  }

  /** What codes of a whole lane stand for. */
  #decoded(codes: Uint8Array): Uint8Array {
    const { gradients } = this.#oracle.workload.spec.train;
    const into = new Float32Array(this.#oracle.layout.elementCount);
    const [name, fraction] = typeof gradients === 'string' ? [gradients, 0] : [gradients.type, gradients.fraction];
    laneCodec({ name, fraction }, into.length)?.decoder(into).take(codes);
    return bytesOf(into);
  }

  /** A coordinator of an epoch is at a version. */
  #progress(epoch: number, version: number): void {
    if (epoch < this.#epoch)
      this.#world.violate('I5', `version ${version} of epoch ${epoch} after epoch ${this.#epoch}`);
    if (epoch > this.#epoch) {
      // A new leadership goes on from the newest valid checkpoint.
      if (version !== this.#resumeStep)
        this.#world.violate(
          'I6',
          `epoch ${epoch} begins at version ${version}, the newest valid checkpoint is of ${this.#resumeStep}`,
        );
      if (this.#epoch > 0) this.#world.sometimes(version > 0 ? 'failover' : 'failover before a checkpoint');
      this.#epoch = epoch;
    } else if (version < this.#version || (version > this.#version + 1 && !this.#isEncoded)) {
      this.#world.violate('I6', `version ${version} follows ${this.#version} in epoch ${epoch}`);
    }
    if (version !== this.#version) {
      this.progress++;
      this.#world.trace(`version ${version} of epoch ${epoch}`);
    }
    this.#version = version;
    this.highest = Math.max(this.highest, version);
  }

  /** Bytes of a vector in shared memory, as they are now. */
  #vector(path: string | undefined, index: number): Uint8Array | null {
    const vector = path && this.#memory.vectors(path, this.#oracle.layout.elementCount)[index];
    return vector ? bytesOf(vector) : null;
  }

  #raise(to: Process, epoch: number, what: string): void {
    const known = this.#epochOf.get(to) ?? 0;
    if (epoch < known) this.#world.violate('I5', `${to.name} gets a ${what} of epoch ${epoch} after ${known}`);
    this.#epochOf.set(to, epoch);
  }
}

/** The newest checkpoint on the disk that can be read. */
export function newestValid(disk: Disk): Checkpoint | null {
  let newest: Checkpoint | null = null;
  for (const path of disk.paths().filter(isCheckpoint)) {
    const found = decode(disk.peek(path) ?? Buffer.alloc(0));
    if (found && (!newest || found.step > newest.step)) newest = found;
  }
  return newest;
}

/** Paths of checkpoints that can be read, oldest first. */
export function validCheckpoints(disk: Disk): string[] {
  return disk.paths().filter((path) => isCheckpoint(path) && decode(disk.peek(path) ?? Buffer.alloc(0)) !== null);
}

function isCheckpoint(path: string): boolean {
  return path.endsWith('.ckpt');
}

const decoded = new WeakMap<Buffer, Checkpoint | null>();

/** A checkpoint from its bytes, null where they are none. */
function decode(data: Buffer): Checkpoint | null {
  const known = decoded.get(data);
  if (known !== undefined) return known;
  const found = tryDecode(data);
  decoded.set(data, found);
  return found;
}

function tryDecode(data: Buffer): Checkpoint | null {
  try {
    const decoding = decodeCheckpoint(data.length);
    for (let at = 0; ; ) {
      const next = decoding.next();
      if (next.done) return next.value;
      data.copy(next.value, 0, at);
      at += next.value.length;
    }
  } catch {
    return null;
  }
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** Whether elements in a format, from `start` on, are those of a gradient. */
function isRounded(data: Uint8Array, format: GradientFormat, gradient: Float32Array, start: number): boolean {
  const part = gradient.subarray(start, start + data.length / format.elementBytes);
  if (format === GRADIENT_FORMATS.float32) return isEqualBytes(data, part);
  const sent = new Float32Array(part.length);
  format.decode(data, sent);
  return sent.every((value, index) => Object.is(value, plainOperand(part[index] as number, format.name)));
}

/** Whether bytes are those of elements from `start` on. */
function isPartOf(bytes: Uint8Array, whole: Float32Array, start: number): boolean {
  return isEqualBytes(bytes, whole.subarray(start, start + bytes.length / 4));
}

function isEqualBytes(bytes: Uint8Array, expected: Float32Array): boolean {
  return Buffer.compare(bytes, bytesOf(expected)) === 0;
}
