/** What the HTTP server shows of the services. */
import type { ConnectedWorker, JobActivity } from '@lockstep/protocol';
import type { Principal } from '../core/principal.js';
import type { Job } from '../job.js';
import type { JobCalls } from '../services/job-calls.js';

/** What the services know, as HTTP asks for it. */
export interface Known {
  readonly jobs: JobCalls;
  /** What a job's processes do now; null of one that does not run. */
  readonly activityOf: (job: Job) => JobActivity | null;
  /** Connected workers as a caller sees them. */
  readonly workers: (caller: Principal) => readonly ConnectedWorker[];
}
