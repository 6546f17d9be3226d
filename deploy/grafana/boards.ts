/** The boards: of the cluster, of training, of workers and their GPUs. From general to specific. */
import { type BoardOf, lines, stat } from './board.ts';

const HERE = 'namespace=~"$namespace"';
const WORKER = `${HERE},worker=~"$worker"`;
const GPU = `${HERE},pod=~"$pod"`;

const rate = (series: string): string => `rate(${series}[$__rate_interval])`;
const total = (series: string): string => `sum(${series})`;

/** A quantile of a histogram, by labels besides. */
const quantile = (q: number, name: string, matchers: string, ...by: readonly string[]): string =>
  `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${rate(`${name}_bucket{${matchers}}`)}))`;

/** Mean seconds of a phase by worker. */
const phaseMean = (phase: string): string => {
  const part = (suffix: string): string =>
    `sum by (worker) (${rate(`lockstep_step_phase_seconds_${suffix}{${WORKER},worker!="",phase="${phase}"}`)})`;
  return `${part('sum')} / ${part('count')}`;
};

const CLUSTER: BoardOf = {
  uid: 'lockstep-cluster',
  title: 'Lockstep / Cluster',
  about:
    'Do jobs get workers, and do workers stay? Series of the coordinator. Next: **Training**, then **Workers and GPUs**.',
  variables: [],
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Running', 'Jobs that train.', 'short', total(`lockstep_jobs{${HERE},state="running"}`)),
        stat('Waiting', 'Jobs that wait for workers.', 'short', total(`lockstep_jobs{${HERE},state="pending"}`)),
        stat(
          'Failed',
          'Jobs that have failed and are remembered.',
          'short',
          total(`lockstep_jobs{${HERE},state="failed"}`),
        ),
        stat('Workers', 'Workers with an open stream.', 'short', total(`lockstep_workers{${HERE},state="connected"}`)),
        stat('Workers wanted', 'Workers that jobs ask for.', 'short', total(`lockstep_workers_wanted{${HERE}}`)),
        stat('Steps per second', 'Committed steps of all jobs.', 'short', total(rate(`lockstep_steps_total{${HERE}}`))),
      ],
    },
    {
      title: 'Queue',
      panels: [
        lines('Jobs by state', 'How many jobs are where.', 'short', [
          `sum by (state) (lockstep_jobs{${HERE}})`,
          '{{state}}',
        ]),
        lines(
          'Workers',
          'Are there as many workers as jobs ask for?',
          'short',
          [`sum by (state) (lockstep_workers{${HERE}})`, '{{state}}'],
          [`sum by (device) (lockstep_workers_wanted{${HERE}}) > 0`, 'wanted, {{device}}'],
        ),
        lines(
          'Wait in the queue',
          'How long does a job wait for its start?',
          's',
          [quantile(0.5, 'lockstep_queue_seconds', HERE), 'half of the jobs'],
          [quantile(0.95, 'lockstep_queue_seconds', HERE), '95 of 100'],
        ),
      ],
    },
    {
      title: 'Stability',
      panels: [
        lines(
          'Workers that come and go',
          'Joins and lost streams within the interval.',
          'short',
          [total(`increase(lockstep_worker_joins_total{${HERE}}[$__rate_interval])`), 'joins'],
          [total(`increase(lockstep_worker_losses_total{${HERE}}[$__rate_interval])`), 'losses'],
        ),
        lines('Recovery', 'How long does a step take that lost a worker?', 's', [
          quantile(0.95, 'lockstep_recovery_seconds', HERE),
          '95 of 100',
        ]),
        lines('Broadcast missed', 'Parameters that workers had to ask for, since NATS did not bring them.', 'short', [
          total(`increase(lockstep_parameter_fetches_total{${HERE}}[$__rate_interval])`),
          'fetches',
        ]),
      ],
    },
    {
      title: 'Traffic and versions',
      panels: [
        lines('Payload', 'What goes over which transport, as each process sees it.', 'Bps', [
          `sum by (transport, direction) (${rate(`lockstep_transport_bytes_total{${HERE}}`)})`,
          '{{transport}} {{direction}}',
        ]),
        lines('Versions', 'Does everything run the same version?', 'short', [
          `count by (component, version, node) (lockstep_build_info{${HERE}})`,
          '{{component}} {{version}} on Node {{node}}',
        ]),
      ],
    },
  ],
};

const TRAINING: BoardOf = {
  uid: 'lockstep-job',
  title: 'Lockstep / Training',
  about:
    'Does training learn, and how fast? Series of a coordinator tell no jobs apart: with several at once, rates are of all and the loss is of the newest step. `lockstep watch` follows one job.',
  variables: [{ name: 'instance', query: 'label_values(lockstep_build_info{component="coordinator"}, instance)' }],
  rows: [
    {
      title: 'Learning',
      panels: [
        lines('Training loss', 'Mean loss of the newest step.', 'short', [
          `lockstep_train_loss{${HERE},instance=~"$instance"}`,
          'loss',
        ]),
        lines('Evaluation', 'Newest evaluation metrics.', 'short', [
          `lockstep_eval_metric{${HERE},instance=~"$instance"}`,
          '{{metric}}',
        ]),
        lines('Steps left out', 'Updates left out since a loss or gradient was not finite.', 'short', [
          total(`increase(lockstep_skipped_steps_total{${HERE},instance=~"$instance"}[$__rate_interval])`),
          'steps',
        ]),
      ],
    },
    {
      title: 'Speed',
      panels: [
        lines('Rows', 'Rows of committed steps per second.', 'short', [
          total(rate(`lockstep_samples_total{${HERE},instance=~"$instance"}`)),
          'rows/s',
        ]),
        lines('Steps', 'Committed steps per second.', 'short', [
          total(rate(`lockstep_steps_total{${HERE},instance=~"$instance"}`)),
          'steps/s',
        ]),
        lines('Phases of a step', 'Where does the time of a step go, as the coordinator sees it?', 's', [
          quantile(0.5, 'lockstep_step_phase_seconds', `${HERE},instance=~"$instance",worker=""`, 'phase'),
          '{{phase}}',
        ]),
        lines(
          'Stalls',
          'Steps that took longer than their deadline. `lockstep logs` names the worker, its lanes and the phase of each.',
          'short',
          [
            `sum by (instance) (increase(lockstep_stalled_steps_total{${HERE},instance=~"$instance"}[$__rate_interval]))`,
            '{{instance}}',
          ],
        ),
      ],
    },
    {
      title: 'Safety',
      panels: [
        lines('Goodput', 'Share of the time of training that went into steps that stayed.', 'percentunit', [
          `lockstep_goodput_ratio{${HERE},instance=~"$instance"}`,
          'goodput',
        ]),
        lines('Age of the checkpoint', 'How much would be computed again after a crash now?', 's', [
          `lockstep_checkpoint_age_seconds{${HERE},instance=~"$instance"}`,
          'age',
        ]),
        lines(
          'Work done again',
          'Lanes given to another worker, and steps computed again.',
          'short',
          [total(`increase(lockstep_lane_retries_total{${HERE},instance=~"$instance"}[$__rate_interval])`), 'lanes'],
          [total(`increase(lockstep_lost_steps_total{${HERE},instance=~"$instance"}[$__rate_interval])`), 'steps'],
        ),
      ],
    },
  ],
};

const WORKERS: BoardOf = {
  uid: 'lockstep-worker',
  title: 'Lockstep / Workers and GPUs',
  about:
    "Who computes, who holds the others up, and are GPUs busy? Series of workers; those of GPUs come from NVIDIA's `dcgm-exporter`, where it runs.",
  variables: [
    { name: 'worker', query: 'label_values(lockstep_lanes_computed_total, worker)' },
    { name: 'pod', query: 'label_values(DCGM_FI_DEV_GPU_UTIL, pod)' },
  ],
  rows: [
    {
      title: 'Work',
      panels: [
        lines('Lanes', 'Lanes per second by worker.', 'short', [
          `sum by (worker) (${rate(`lockstep_lanes_computed_total{${WORKER}}`)})`,
          '{{worker}}',
        ]),
        lines('Time per lane', 'A worker far above the others is a straggler.', 's', [
          phaseMean('compute'),
          '{{worker}}',
        ]),
        lines('Busy', 'Share of the time that a worker computes.', 'percentunit', [
          `sum by (worker) (${rate(`lockstep_step_phase_seconds_sum{${WORKER},worker!="",phase="compute"}`)})`,
          '{{worker}}',
        ]),
      ],
    },
    {
      title: 'Waiting',
      panels: [
        lines('Wait for parameters', 'From a command until its parameters are there.', 's', [
          phaseMean('wait_parameters'),
          '{{worker}}',
        ]),
        lines('Upload', 'From a gradient until it is sent.', 's', [phaseMean('upload'), '{{worker}}']),
      ],
    },
    {
      title: 'GPUs',
      panels: [
        lines('Use', 'Share of the time that something ran on the GPU.', 'percent', [
          `DCGM_FI_DEV_GPU_UTIL{${GPU}}`,
          '{{pod}} GPU {{gpu}}',
        ]),
        lines('Memory', 'Memory in use.', 'decmbytes', [`DCGM_FI_DEV_FB_USED{${GPU}}`, '{{pod}} GPU {{gpu}}']),
        lines(
          'Power and heat',
          'A GPU that is throttled is a straggler.',
          'short',
          [`DCGM_FI_DEV_POWER_USAGE{${GPU}}`, '{{pod}} GPU {{gpu}}, W'],
          [`DCGM_FI_DEV_GPU_TEMP{${GPU}}`, '{{pod}} GPU {{gpu}}, °C'],
        ),
      ],
    },
  ],
};

/** All boards. */
export const BOARDS: readonly BoardOf[] = [CLUSTER, TRAINING, WORKERS];
