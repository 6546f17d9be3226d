/** Messages as JSON has them: every field there, numbers for 64-bit integers, names for enum values. */
import {
  type ConnectedWorker,
  clusterServiceDefinition,
  type Job__Output,
  type JobActivity,
  type JobActivity__Output,
  type JobEvent,
  type JobEvent__Output,
  jobServiceDefinition,
  type ListJobsResponse__Output,
  type ListWorkersResponse__Output,
} from '@lockstep/protocol';
import type { Job } from '../job.js';
import { type JobsPage, listed } from '../services/job-calls.js';

const { GetJob, ListJobs, WatchJob } = jobServiceDefinition;
const { ListWorkers } = clusterServiceDefinition;

/** A job with all of its result. */
export function plainJob(job: Job, activity: JobActivity | null = null): Job__Output | null {
  return GetJob.responseDeserialize(GetJob.responseSerialize({ job: { ...job.toMessage(), activity } })).job;
}

/** A job without the files of its result. */
export function plainListed(job: Job): Job__Output | null {
  return GetJob.responseDeserialize(GetJob.responseSerialize({ job: listed(job) })).job;
}

/** Jobs of a page, without their specs, of which each may be large. */
export function plainPage({ jobs, nextPageToken }: JobsPage): ListJobsResponse__Output {
  const brief = jobs.map((job) => ({ ...listed(job), resolvedSpec: '' }));
  return ListJobs.responseDeserialize(ListJobs.responseSerialize({ jobs: brief, nextPageToken }));
}

/** An event of a job. */
export function plainEvent(event: JobEvent): JobEvent__Output | null {
  return WatchJob.responseDeserialize(WatchJob.responseSerialize({ event })).event;
}

/** What the processes of a job do. */
export function plainActivity(activity: JobActivity): JobActivity__Output | null {
  return GetJob.responseDeserialize(GetJob.responseSerialize({ job: { activity } })).job?.activity ?? null;
}

/** Connected workers. */
export function plainWorkers(workers: readonly ConnectedWorker[]): Pick<ListWorkersResponse__Output, 'workers'> {
  const response = { workers: [...workers] };
  return { workers: ListWorkers.responseDeserialize(ListWorkers.responseSerialize(response)).workers };
}
