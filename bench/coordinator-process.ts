/** A coordinator in a process of its own, as `lockstep coordinator` runs it, that also writes down the time of each step. */

import { CoordinatorMetrics, runCoordinator } from '@lockstep/coordinator';
import type { NatsPlace } from './step-loop.ts';
import type { StepRecords } from './step-times.ts';

/** What this process is told, as JSON in its first argument. */
export interface CoordinatorTask {
  readonly nats: NatsPlace;
  readonly storeDirectory: string;
  /** Steps after which it reports `isWarm`. */
  readonly warmUp: number;
  /** Steps after those, after which it reports `records`. */
  readonly steps: number;
  readonly dashboard: boolean;
}

/** What it reports. */
export type CoordinatorReport =
  | { readonly address: string; readonly metricsAddress: string }
  | { readonly isWarm: true }
  | { readonly records: StepRecords };

function report(message: CoordinatorReport): void {
  process.send?.(message);
}

/** Notes what the coordinator tells its metrics, whose time stamps cost far less than a step. */
function record(warmUp: number, end: number): void {
  const committedMs: number[] = [];
  const rows: number[] = [];
  const phasesMs: Record<string, number[]> = {};
  const { stepPhase, stepCommitted } = CoordinatorMetrics.prototype;
  CoordinatorMetrics.prototype.stepPhase = function (phase, seconds) {
    stepPhase.call(this, phase, seconds);
    phasesMs[phase] ??= [];
    if (committedMs.length < end) phasesMs[phase].push(seconds * 1000);
  };
  CoordinatorMetrics.prototype.stepCommitted = function (count, loss) {
    stepCommitted.call(this, count, loss);
    if (committedMs.length === end) return;
    rows.push(count);
    committedMs.push(performance.now());
    if (committedMs.length === warmUp) report({ isWarm: true });
    if (committedMs.length === end) report({ records: { committedMs, rows, phasesMs } });
  };
}

async function run({ nats, storeDirectory, warmUp, steps, dashboard }: CoordinatorTask): Promise<void> {
  record(warmUp, warmUp + steps);
  process.on('disconnect', () => process.exit(0));
  const { address, metricsAddress, stopped } = await runCoordinator({
    ...{
      host: '127.0.0.1',
      port: 0,
      metricsPort: 0,
      natsServers: [nats.url],
      natsAccess: { accountKey: nats.accountKey },
    },
    ...{ storeDirectory, logLevel: 'warn', dashboard },
  });
  report({ address, metricsAddress });
  process.exit(await stopped);
}

await run(JSON.parse(process.argv[2] ?? '') as CoordinatorTask);
