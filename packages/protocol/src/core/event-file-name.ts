/** The name by which TensorBoard and Lockstep know an event file. */

/** Names of {@link eventFileName}, and no others; its group is the second. */
export const EVENT_FILE_NAME = /^events\.out\.tfevents\.(\d{10})\.lockstep$/;

/** TensorBoard reads what has "tfevents" in its name. @param unixSeconds when the file began; of two the later is the newer */
export function eventFileName(unixSeconds: number): string {
  return `events.out.tfevents.${String(Math.floor(unixSeconds)).padStart(10, '0')}.lockstep`;
}
