/** Writes a job's events to the log. */
import type { JobEvent } from '@lockstep/protocol';
import type { Logger } from 'pino';
import type { Job } from './job.js';

/** Logs what happens to a job, from now to its end. Progress is left to /metrics and watchers. */
export function logJob(job: Job, logger: Logger): void {
  let sequence = 0;
  const log = logger.child({ job: job.id });
  const write = (): void => {
    for (const event of job.eventsAfter(sequence)) {
      sequence = Number(event.sequence);
      logEvent(event, job, log);
    }
    if (job.hasEnded) unfollow();
  };
  const unfollow = job.follow(write);
  write();
}

function logEvent(event: JobEvent, job: Job, log: Logger): void {
  const step = Number(event.step);
  if (event.stateChanged) {
    const { state, reason } = event.stateChanged;
    const { phase } = job;
    if (phase.state === 'failed') log.error({ step, state, code: phase.error.code, err: phase.error.cause }, reason);
    else log.info({ step, state }, reason);
  } else if (event.workerChanged) {
    const { workerId: worker, change, reason } = event.workerChanged;
    log[change === 'lost' || change === 'refused' ? 'warn' : 'info']({ step, worker, change }, reason);
  } else if (event.stepStalled) {
    const { workerId: worker, lanes, phase, reason } = event.stepStalled;
    log.warn({ step, worker, lanes, phase }, reason ?? '');
  } else if (event.note) {
    const { level, code, message } = event.note;
    log[level === 'NOTE_LEVEL_WARNING' ? 'warn' : 'info']({ step, code }, message);
  } else if (event.epochEnded) {
    const { epoch, metrics } = event.epochEnded;
    log.info({ step, epoch, ...metrics }, 'epoch ended');
  }
}
