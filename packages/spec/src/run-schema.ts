/** How a job runs: nothing in here changes the result. */
import { z } from 'zod';

const checkpoints = z
  .strictObject({
    everySeconds: z.number().min(0).default(30).describe('Seconds between two inside an epoch; 0 is every step.'),
    keep: z.int().min(1).max(1000).default(3).describe('How many are kept, besides the best.'),
  })
  .describe('What a run can go on from after a crash. One is also written at the end of each epoch.');

const tensorboard = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether there is an event file.'),
    histogramEveryEpochs: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(1)
      .describe('Epochs between two histograms of each parameter tensor and its gradient; 0 is never.'),
  })
  .describe("What TensorBoard draws of the run: an event file in the run's folder `events`.");

/** `run` of the spec. */
export const run = z
  .strictObject({
    workers: z.int().min(1).max(1024).default(2).describe('Workers to train with. Never changes the result.'),
    minWorkers: z
      .int()
      .min(1)
      .max(1024)
      .default(1)
      .describe('With fewer ready workers the job does not start, and pauses between two steps.'),
    maxWorkers: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe('Workers that train at most; more stand by as spares. Default: run.workers.'),
    priority: z
      .int()
      .min(-1000)
      .max(1000)
      .default(0)
      .describe(
        'Jobs of a higher priority come first, and take workers from running ones of a lower, which go on later.',
      ),
    retries: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe('Times that the job goes on from its newest checkpoint after a failure that may pass by itself.'),
    deadlineSeconds: z
      .number()
      .positive()
      .max(2_000_000)
      .optional()
      .describe('Seconds from the submission after which a job that has not ended fails. Its checkpoints stay.'),
    device: z.enum(['auto', 'cpu', 'cuda', 'webgpu']).default('auto').describe('Device of the workers.'),
    link: z
      .enum(['auto', 'host', 'network'])
      .default('auto')
      .describe(
        'How gradients and parameters travel: shared memory (host), or gRPC and NATS. auto: host where it can and pays.',
      ),
    queueTimeoutSeconds: z
      .number()
      .positive()
      .max(604_800)
      .optional()
      .describe(
        'Seconds from the submission, or from a retry, in which the job must get `minWorkers` workers; else it fails. Default: no limit.',
      ),
    rebaseNumerics: z
      .boolean()
      .default(false)
      .describe('Goes on in another numeric class where no worker of the own one is left; ends the hash promise.'),
    trace: z
      .boolean()
      .default(false)
      .describe('Records when each phase of each step ran, for `lockstep train --trace FILE`.'),
    checkpoints: checkpoints.prefault({}),
    tensorboard: tensorboard.prefault({}),
  })
  .describe('How the job runs. Nothing here changes the result.');
