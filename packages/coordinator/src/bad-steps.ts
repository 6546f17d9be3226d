/** Carries out what becomes of a step whose numbers are not finite: the job ends, the step is skipped, or computed again. */
import { atOnce, LockstepError } from '@lockstep/protocol/core';
import { laneText } from './core/lane-words.js';
import { firstNotFinite, MAX_SKIPPED_IN_A_ROW, verdictOn } from './core/non-finite.js';
import type { EpochState } from './epoch-state.js';
import type { ProgressReporter } from './progress.js';
import { type RewindPorts, rewind } from './rewind.js';
import { gatherLanes, type StepPlace, type StepPorts } from './run-step.js';

/** A lane whose own numbers are not finite. */
interface BadLane {
  readonly lane: number;
  readonly what: 'gradient' | 'loss';
}

/** Bad steps of one job. */
export class BadSteps {
  readonly #ports: RewindPorts;
  readonly #reporter: ProgressReporter;
  /** Steps that a checkpoint was gone back to for. */
  readonly #rewound = new Set<number>();

  constructor(ports: RewindPorts, reporter: ProgressReporter) {
    this.#ports = ports;
    this.#reporter = reporter;
  }

  /** Leaves `state` where the job goes on. @throws LockstepError NUMERICS_NOT_FINITE where it does not */
  async take(error: LockstepError, place: StepPlace, state: EpochState): Promise<void> {
    const { job, steps } = this.#ports;
    const { onNonFinite } = job.submission.spec.train;
    const what = `${error.message} ${lanesText(await badLanes(place, steps), place, steps.laneCount)}`;
    const verdict = verdictOn(onNonFinite, place.step, { skipped: state.skipped, rewound: this.#rewound });
    if (verdict === 'rewind') {
      this.#rewound.add(place.step);
      if (await rewind(what, state, this.#ports, this.#reporter)) return;
    }
    if (verdict === 'stop') throw this.#final(error, what);
    await this.#skip(what, place, state);
  }

  #final({ field, value, fix }: LockstepError, what: string): LockstepError {
    const isSkipping = this.#ports.job.submission.spec.train.onNonFinite !== 'stop';
    const message = isSkipping ? `${what} The ${MAX_SKIPPED_IN_A_ROW} steps before were skipped too.` : what;
    return new LockstepError('NUMERICS_NOT_FINITE', { message, field, value, fix });
  }

  /** Parameters and optimizer stay as they are; the step counts as done, and not in the means of its epoch. */
  async #skip(what: string, { step, rows }: StepPlace, state: EpochState): Promise<void> {
    const { metrics, steps } = this.#ports;
    await steps.versions.replace(steps.versions.current);
    state.step++;
    state.skipped = { total: state.skipped.total + 1, inARow: state.skipped.inARow + 1 };
    metrics.stepSkipped();
    this.#reporter.step(step, rows, null, steps.crew.ready.length);
    this.#warn('STEP_SKIPPED', `step ${step} is skipped: its update is left out. ${what}`);
  }

  #warn(code: string, message: string): void {
    this.#ports.job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code, message } });
  }
}

/** Computes the lanes of a step again, each on its own. @returns those that are not finite, ascending */
async function badLanes(place: StepPlace, ports: StepPorts): Promise<readonly BadLane[]> {
  const found: BadLane[] = [];
  const { gradients } = await gatherLanes(place, ports, ({ first: lane }, value) => {
    if (atOnce(firstNotFinite(value.gradient)) < value.gradient.length) found.push({ lane, what: 'gradient' });
    else if (!Number.isFinite(value.sums.loss)) found.push({ lane, what: 'loss' });
  });
  for (const gradient of gradients) ports.buffers.give(gradient);
  return found.sort((left, right) => left.lane - right.lane);
}

/** Which lanes are bad, with their rows of the global batch. */
function lanesText(bad: readonly BadLane[], { epoch, rows }: StepPlace, laneCount: number): string {
  const named = bad.map(({ lane, what }) => `the ${what} of ${laneText(lane, laneCount, rows)}`);
  const found = named.length > 0 ? named.join(', ') : 'every lane is finite on its own: their sum or a penalty is not';
  return `Epoch ${epoch + 1}: ${found}.`;
}
