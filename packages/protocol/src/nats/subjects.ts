/** Names of NATS subjects. */

/** Subject of a job's parameter broadcast. @param jobId letters, digits, `-` and `_` only, since the rest has a meaning in subjects */
export function parameterSubject(jobId: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(jobId)) throw new Error(`not a job id that can stand in a subject: ${jobId}`);
  return `lockstep.${jobId}.params`;
}
