/** A job's description as text: what people look for first comes first. */
import pc from 'picocolors';
import type { ActivityJson, JobDescription, ResultJson } from '../job-description.js';
import { timeText } from '../job-json.js';
import { counted } from './counted.js';
import { cut } from './jobs-table.js';
import { formatDuration, formatNumber } from './progress.js';
import { courseLines } from './summary.js';
import { visible } from './visible.js';

/** Cells of the column with the headings. */
const HEADING = 11;
/** Characters of one section of the spec. */
const MAX_SECTION = 100;
/** Entries of the history and of the workers that are shown; --json has all. */
const MAX_ENTRIES = 30;
const STATE_CELLS = 10;

/** The text, several lines. */
export function descriptionText(job: JobDescription): string {
  const lines = [
    ...section('job', [`${job.job} (${job.name})`]),
    ...section('namespace', job.namespace === 'default' ? [] : [job.namespace]),
    ...section('state', [`${job.state}: ${job.reason}`]),
    ...section('submitted', [`${timeText(job.createdUnixSeconds)}, ${formatDuration(job.ageSeconds)} ago`]),
    ...section('progress', job.progress ? [progressText(job.progress)] : []),
    ...section('stalled', job.activity?.stall ? [pc.yellow(visible(job.activity.stall.reason))] : []),
    ...section('activity', job.activity && job.activity.steps > 0 ? activityLines(job.activity) : []),
    ...section('failure', failureLines(job)),
    ...section('result', job.result ? resultLines(job.result) : []),
    ...section('warnings', newest(job.warnings.map(({ message }) => message))),
    ...section('stalls', newest(job.stalls.map(({ unixSeconds, reason }) => at(unixSeconds, visible(reason))))),
    ...section('history', [
      ...(job.forgotten ? [pc.dim(job.forgotten)] : []),
      ...newest(
        job.history.map(({ unixSeconds, state, reason }) => at(unixSeconds, `${state.padEnd(STATE_CELLS)} ${reason}`)),
      ),
    ]),
    ...section(
      'workers',
      newest(
        job.workers.map(({ unixSeconds, step, worker, change, reason }) =>
          at(unixSeconds, `step ${step}  ${worker} ${change}${reason ? `: ${reason}` : ''}`),
        ),
      ),
    ),
    ...section('spec', Object.entries(job.spec ?? {}).flatMap(specLine)),
    ...section('next', [nextCommand(job)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Lines below a heading; nothing where there is none. */
function section(heading: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${index === 0 ? pc.bold(heading.padEnd(HEADING)) : ' '.repeat(HEADING)}${line}`);
}

function at(unixSeconds: number, text: string): string {
  return `${pc.dim(timeText(unixSeconds))}  ${text}`;
}

function newest(entries: readonly string[]): string[] {
  const left = entries.length - MAX_ENTRIES;
  return left > 0 ? [pc.dim(`(${left} earlier ones: --json)`), ...entries.slice(-MAX_ENTRIES)] : [...entries];
}

function progressText(progress: NonNullable<JobDescription['progress']>): string {
  const { epoch, totalEpochs, step, totalSteps, trainLoss, workers } = progress;
  return [
    `epoch ${epoch}/${totalEpochs}`,
    `step ${step}/${totalSteps}`,
    `loss ${formatNumber(trainLoss)}`,
    counted(workers, 'worker'),
    `${Math.round(progress.samplesPerSecond)} samples/s`,
    `ETA ${formatDuration(progress.remainingSeconds)}`,
  ].join('  ');
}

/** A line per process: mean milliseconds of its phases in a step, and what a worker is at. */
function activityLines({ steps, coordinator, workers }: ActivityJson): string[] {
  const width = Math.max(...['coordinator', ...workers.map(({ worker }) => worker)].map(({ length }) => length));
  const line = (process: string, phases: Readonly<Record<string, number>>, at: string): string =>
    [process.padEnd(width), ...phaseCells(phases), at].filter(Boolean).join('  ');
  return [
    pc.dim(`mean ms a step, newest ${steps}`),
    line('coordinator', coordinator, ''),
    ...workers.map(({ worker, phaseSeconds, lanes, phase, phaseAgeSeconds }) => {
      const doing = phase ? `${phase} for ${formatDuration(phaseAgeSeconds)}` : '';
      return line(
        worker,
        phaseSeconds,
        [lanes.length > 0 ? `lanes ${lanes.join(', ')}` : '', doing].filter(Boolean).join('  '),
      );
    }),
  ];
}

/** Phases in the order in which they come. */
const PHASES = ['command', 'parameters', 'compute', 'send', 'reduce', 'update', 'broadcast'];

function phaseCells(phases: Readonly<Record<string, number>>): string[] {
  return PHASES.flatMap((phase) => {
    const seconds = phases[phase];
    return seconds === undefined ? [] : [`${phase} ${formatNumber(seconds * 1000)}`];
  });
}

function failureLines({ error }: JobDescription): string[] {
  if (!error) return [];
  const { code, message, field, value, fix } = error;
  const named = { field, value, fix };
  const details = Object.entries(named).flatMap(([name, text]) => (text ? [`${name.padEnd(6)}${text}`] : []));
  return [`${pc.red(code)}: ${message}`, ...details];
}

function resultLines(result: ResultJson): string[] {
  const metrics = Object.entries(result.metrics.test).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return [
    ...(metrics.length > 0 ? [`test  ${metrics.join('  ')}`] : []),
    ...courseLines(result),
    `parameters sha-256 ${result.parametersSha256}, ${result.lanes} lanes${result.link && `, link ${result.link}`}`,
    `numeric class ${result.numericClass}${result.reproducible ? '' : ' (not reproducible)'}`,
  ];
}

/** The sections of the spec, in a line each; what is not a section stands above. */
function specLine([key, value]: [string, unknown]): string[] {
  return typeof value === 'object' ? [cut(`${key}: ${flow(value)}`, MAX_SECTION)] : [];
}

/** A value in YAML's flow style, empty parts left out. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return value === '' ? '""' : String(value);
  const parts = Object.entries(value).filter(([, part]) => !isEmpty(part));
  return `{${parts.map(([key, part]) => `${key}: ${flow(part)}`).join(', ')}}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function nextCommand({ job, state }: JobDescription): string {
  if (state === 'succeeded') return `lockstep watch ${job} --out DIR`;
  return state === 'failed' || state === 'cancelled' ? `lockstep logs ${job}` : `lockstep logs ${job} -f`;
}
