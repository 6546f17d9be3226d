/** One job: how it stands, its curves, where its time goes, and what happened. */
import { useEffect, useMemo } from 'preact/hooks';
import { announce } from '../browser/announce.js';
import { type LiveJob, useJob } from '../browser/use-job.js';
import { useNow } from '../browser/use-now.js';
import {
  formatAge,
  formatDuration,
  formatLanes,
  formatNumber,
  formatPhase,
  formatRate,
  hasEnded,
  stateWord,
} from '../core/format.js';
import { chartsOf } from '../core/job-curves.js';
import { stallSentence, stallWords } from '../core/stall-words.js';
import type { Job, JobActivity, StepStalled } from '../core/wire.js';
import { CancelJob } from './cancel-job.js';
import { Charts } from './charts.js';
import { Copyable } from './copyable.js';
import { EventList } from './event-list.js';
import { FailureBox } from './failure-box.js';
import { JobResults } from './job-results.js';
import { ProgressBar } from './jobs-page.js';
import { Phases } from './phases.js';
import { Scroller } from './scroller.js';
import { StateMark } from './state-mark.js';
import { StatusBanner } from './status-banner.js';

/** The page of a job. @param onRefused called where somebody has to log in again */
export function JobPage(props: {
  readonly jobId: string;
  readonly mayCancel: boolean;
  readonly onRefused: () => void;
}) {
  const live = useJob(props.jobId, props.onRefused);
  const { job, isComplete } = live.view;
  useStateWords(job);
  if (!job) {
    return (
      <>
        <h1>{props.jobId}</h1>
        {live.failure ? <FailureBox failure={live.failure} /> : <p class="soft">Loading…</p>}
        {live.failure ? null : <StatusBanner status={live.status} />}
        <p>
          <a href="/">All jobs</a>
        </p>
      </>
    );
  }
  return (
    <>
      {live.failure ? <FailureBox failure={live.failure} note="What is shown is as of before." /> : null}
      {isComplete || live.failure ? null : <StatusBanner status={live.status} />}
      <JobHead job={job} mayCancel={props.mayCancel} update={live.update} />
      <JobBody live={live} job={job} />
    </>
  );
}

function JobBody({ live, job }: { readonly live: LiveJob; readonly job: Job }) {
  const { view } = live;
  const stall = view.activity?.stall ?? null;
  const said = stallSentence(stall);
  // The banner counts seconds, which nobody wants to hear one by one.
  useEffect(() => {
    if (said) announce(said);
  }, [said]);
  const charts = useMemo(() => chartsOf(view.curves), [view.curves]);
  return (
    <>
      {stall ? <StallBanner stall={stall} /> : null}
      {job.failure ? <FailureBox failure={job.failure} /> : null}
      {job.result ? <JobResults result={job.result} /> : null}
      <Charts charts={charts} isLive={!hasEnded(job.state)} />
      <Phases activity={view.activity} times={job.result?.processTimes ?? []} />
      {view.activity ? <JobWorkers activity={view.activity} /> : null}
      <EventList lines={view.lines} forgotten={view.forgotten} isLive={!view.isComplete} />
      <Commands job={job} />
      {job.resolvedSpec ? (
        <section>
          <details>
            <summary>
              <h2>Resolved spec</h2>
            </summary>
            <Scroller name="Resolved spec">
              <pre>{job.resolvedSpec}</pre>
            </Scroller>
          </details>
        </section>
      ) : null}
    </>
  );
}

function JobHead(props: { readonly job: Job; readonly mayCancel: boolean; readonly update: (job: Job) => void }) {
  const { job } = props;
  const now = useNow();
  return (
    <section class="job-head" aria-labelledby="job-name">
      <div class="title">
        <h1 id="job-name">{job.name}</h1>
        <StateMark state={job.state} />
        {props.mayCancel && !hasEnded(job.state) ? <CancelJob job={job} update={props.update} /> : null}
      </div>
      <p class="soft id">
        {job.id}
        {job.namespace && job.namespace !== 'default' ? ` · namespace ${job.namespace}` : ''} · submitted{' '}
        {formatAge(now - job.createdUnixSeconds)} ago
      </p>
      {job.reason === job.failure?.message ? null : <p class="why">{job.reason}</p>}
      <Pace job={job} />
    </section>
  );
}

function Pace({ job }: { readonly job: Job }) {
  const { progress, state } = job;
  if (!progress || progress.totalSteps === 0) return null;
  const isRunning = state === 'JOB_STATE_RUNNING';
  const facts: readonly (readonly [string, string])[] = [
    ['Step', `${progress.step} of ${progress.totalSteps}`],
    ['Epoch', `${progress.epoch} of ${progress.totalEpochs}`],
    ['Training loss', formatNumber(progress.trainLoss)],
    ...(isRunning
      ? [
          ['Samples/s', formatRate(progress.samplesPerSecond)] as const,
          ['Remaining', formatDuration(progress.remainingSeconds)] as const,
          ['Workers', String(progress.workers)] as const,
        ]
      : []),
  ];
  return (
    <>
      <ProgressBar job={job} />
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function StallBanner({ stall }: { readonly stall: StepStalled }) {
  const { who, where, howLong } = stallWords(stall);
  return (
    <div class="banner warn">
      <p>
        <strong>{who}</strong>
        {where}, {howLong}.
      </p>
      {stall.reason ? <p>{stall.reason}</p> : null}
    </div>
  );
}

function JobWorkers({ activity }: { readonly activity: JobActivity }) {
  if (activity.workers.length === 0) return null;
  return (
    <section>
      <h2 id="job-workers">Workers of the job</h2>
      <Scroller name="Workers of the job">
        <table aria-labelledby="job-workers">
          <thead>
            <tr>
              <th scope="col">Worker</th>
              <th scope="col">Lanes</th>
              <th scope="col">At</th>
              <th scope="col" class="n">
                Since
              </th>
            </tr>
          </thead>
          <tbody>
            {activity.workers.map(({ workerId, lanes, phase, phaseAgeSeconds }) => (
              <tr key={workerId}>
                <th scope="row">{workerId}</th>
                <td>{lanes.length > 0 ? formatLanes(lanes) : '–'}</td>
                <td>{phase || 'idle'}</td>
                <td class="n">{phase ? formatPhase(phaseAgeSeconds) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  );
}

function Commands({ job }: { readonly job: Job }) {
  const commands =
    job.state === 'JOB_STATE_SUCCEEDED'
      ? [
          [
            'The finished run, with model.onnx and report.html',
            `lockstep watch ${job.id} --out runs/${job.id}`,
          ] as const,
        ]
      : [];
  const all = [...commands, ['The same events in a terminal', `lockstep logs ${job.id}`] as const];
  return (
    <section>
      <h2>{commands.length > 0 ? 'Download' : 'From a terminal'}</h2>
      {all.map(([what, command]) => (
        <p key={what} class="command">
          <span>{what}:</span> <Copyable text={command} />
        </p>
      ))}
    </section>
  );
}

/** The window's title, and what a screen reader hears when the state changes. */
function useStateWords(job: Job | null): void {
  const name = job?.name ?? '';
  const word = job ? stateWord(job.state) : '';
  useEffect(() => {
    if (!name) return;
    document.title = `${name}: ${word} · Lockstep`;
    announce(`${name} is ${word}`);
  }, [name, word]);
}
