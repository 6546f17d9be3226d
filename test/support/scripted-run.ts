/** A run of a job as messages of the coordinator, for pages that show it. */
import type { Message } from './fake-dashboard-server.ts';

/** A job at a moment. */
export type ScriptedJob = Message & { readonly id: string };

const STEPS_PER_EPOCH = 20;
const EPOCHS = 10;
const TOTAL_STEPS = STEPS_PER_EPOCH * EPOCHS;
const SPEC = 'apiVersion: lockstep/v1\nname: churn\nmodel:\n  - dense: { units: 64, activation: relu }\n';

/** A job. @param at Unix seconds of its submission */
export function scriptedJob(id: string, at: number, changes: Message = {}): ScriptedJob {
  return {
    ...{ id, name: id.replace(/-[^-]*$/, ''), namespace: 'default', priority: 0, resolvedSpec: SPEC },
    ...{ state: 'JOB_STATE_PENDING', reason: '1st in the queue: waits for 2 workers: 0 of 0 connected fit' },
    ...{ createdUnixSeconds: at, updatedUnixSeconds: at, progress: null, result: null, failure: null, activity: null },
    ...changes,
  };
}

/** The same job after a number of steps. */
export function runningJob(id: string, at: number, step: number): ScriptedJob {
  const reason = '2 workers compute 4 lanes';
  return scriptedJob(id, at, { state: 'JOB_STATE_RUNNING', reason, progress: progressAt(step) });
}

/** Events of a job up to a step, with sequences from 1. @param at Unix seconds of the first */
export function eventsTo(step: number, at: number): readonly Message[] {
  const events: Message[] = [];
  const add = (done: number, kind: Message): void => {
    const sequence = events.length + 1;
    events.push({ sequence, unixSeconds: at + done * 0.4 + 3, leadershipEpoch: 1, step: done, ...kind });
  };
  add(0, { stateChanged: { state: 'JOB_STATE_PREPARING', reason: 'reads churn.csv: 7,043 rows, 21 columns' } });
  add(0, { workerChanged: { workerId: 'gpu-1', slot: 0, change: 'joined', reason: 'onnxruntime 1.30.0, cpu' } });
  add(0, { workerChanged: { workerId: 'gpu-2', slot: 1, change: 'joined', reason: 'onnxruntime 1.30.0, cpu' } });
  add(0, {
    note: { level: 'NOTE_LEVEL_WARNING', code: 'DATA_CONSTANT', message: 'Column "plan" has one value in all rows.' },
  });
  add(0, { stateChanged: { state: 'JOB_STATE_RUNNING', reason: '2 workers compute 4 lanes' } });
  for (let done = 1; done <= step; done++) {
    add(done, { stepsCommitted: { progress: progressAt(done) } });
    if (done % STEPS_PER_EPOCH === 0) add(done, { epochEnded: epochAt(done / STEPS_PER_EPOCH) });
  }
  return events;
}

/** What two workers do. */
export function activityOf(step: number, stall: Message | null = null): Message {
  const phaseSeconds = { command: 0.0004, compute: 0.0121, reduce: 0.0018, update: 0.0011, broadcast: 0.0009 };
  const worker = (workerId: string, lanes: readonly number[], compute: number, phase: string): Message => ({
    ...{ workerId, lanes, steps: Math.min(step, 100), phase, phaseAgeSeconds: 0.004 },
    phaseSeconds: { parameters: 0.0021, compute, send: 0.0006 },
  });
  const workers = [worker('gpu-1', [0, 1], 0.0093, 'compute'), worker('gpu-2', [2, 3], 0.0118, 'send')];
  return { steps: Math.min(step, 100), phaseSeconds, workers, stall };
}

/** A connected worker. */
export function connectedWorker(workerId: string, jobId: string, state: string): Message {
  return {
    ...{ workerId, host: `${workerId}.example`, pid: 4711, softwareVersion: '0.1.0', replicas: 2, jobId, state },
    engine: {
      name: 'onnxruntime',
      version: '1.30.0',
      provider: 'cpu',
      numericClass: 'ort/1.30.0/cpu',
      reproducible: true,
    },
    ...{ joinedUnixSeconds: Date.now() / 1000 - 400, heartbeatAgeSeconds: state === 'silent' ? 21.3 : 0.7 },
  };
}

function progressAt(step: number): Message {
  return {
    ...{
      leadershipEpoch: 1,
      step,
      totalSteps: TOTAL_STEPS,
      epoch: Math.min(EPOCHS, Math.floor(step / STEPS_PER_EPOCH) + 1),
    },
    ...{ totalEpochs: EPOCHS, trainLoss: lossAt(step), samplesPerSecond: 12_400 + 900 * Math.sin(step / 3) },
    ...{ remainingSeconds: (TOTAL_STEPS - step) * 0.4, workers: 2 },
  };
}

function lossAt(step: number): number {
  return 0.12 + 0.58 * Math.exp(-step / 40) + 0.02 * Math.sin(step * 1.7);
}

function epochAt(epoch: number): Message {
  const loss = lossAt(epoch * STEPS_PER_EPOCH);
  const accuracy = 0.95 - loss / 3;
  const metrics = { loss, accuracy, validation_loss: loss * 1.08 + 0.01, validation_accuracy: accuracy - 0.013 };
  return { epoch, trainLoss: loss, seconds: 8.1, learningRate: 0.001, metrics };
}
