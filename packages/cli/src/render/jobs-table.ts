/** The list of jobs as a table for people. */
import type { Job__Output } from '@lockstep/client';
import Table from 'cli-table3';
import { ageSeconds, percentOf } from '../job-json.js';
import { counted } from './counted.js';
import { formatDuration, formatNumber, stateWord } from './progress.js';

/** Characters of a reason that are shown; `describe` shows all of it. */
const MAX_REASON = 60;

/** One row per job, in the order given. Namespaces are shown where not all are the default one. */
export function jobsTable(jobs: readonly Job__Output[]): string {
  const areShown = jobs.some(({ namespace }) => namespace !== 'default');
  const table = new Table({
    head: ['job', 'name', ...(areShown ? ['namespace'] : []), 'state', 'priority', 'progress', 'left', 'age', 'reason'],
    style: { head: [], border: [], compact: true },
  });
  for (const job of jobs) {
    const age = formatDuration(ageSeconds(job));
    const name = cut(job.name, MAX_REASON);
    const { id, namespace, state, priority, reason } = job;
    const whose = areShown ? [namespace] : [];
    table.push([id, name, ...whose, stateWord(state), priority, progressCell(job), leftCell(job), age, cut(reason)]);
  }
  return table.toString();
}

function progressCell({ progress }: Job__Output): string {
  if (!progress) return '-';
  const { step, totalSteps, trainLoss, workers } = progress;
  const steps = `${Math.floor(percentOf(progress))} %, ${step}/${totalSteps}`;
  return `${steps}  loss ${formatNumber(trainLoss)}  ${counted(workers, 'worker')}`;
}

/** Time that a job which runs still takes. */
function leftCell({ state, progress }: Job__Output): string {
  return state === 'JOB_STATE_RUNNING' && progress ? formatDuration(progress.remainingSeconds) : '-';
}

/** A text on one line, shortened. */
export function cut(text: string, length = MAX_REASON): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
