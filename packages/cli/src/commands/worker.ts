/** `lockstep worker`: one worker that joins a running coordinator. */
import { accessOptions, examples, natsOptions, type RegisterCommand } from './command.js';

/** Adds `worker`. */
export const registerWorker: RegisterCommand = (program) => {
  const command = accessOptions(
    program
      .command('worker')
      .description('run a worker: joins a coordinator and computes gradients on the local device')
      .option('--server <host:port>', 'coordinator (default: LOCKSTEP_SERVER); - reads it from standard input')
      .option('--token <token>', 'token of the coordinator, which the list of processes shows: better LOCKSTEP_TOKEN'),
  );
  natsOptions(command)
    .option('--name <name>', 'name in logs, events and metrics')
    .option('--device <device>', 'auto, cpu, cuda or webgpu', 'auto')
    .option('--engine <engine>', 'onnxruntime or tfjs; works for jobs of this train.engine', 'onnxruntime')
    .option('--engine-adapter <adapter>', 'auto, c-api or binding', 'auto')
    .option('--engine-optimisation <level>', 'none, basic, extended or all; workers of a job need the same', 'all')
    .option('--replicas <n>', 'lanes computed at once, 1 to 4; never changes the result', '1')
    .option('--metrics-host <address>', 'address of /metrics and /healthz', '127.0.0.1')
    .option('--metrics-token-file <file>', 'file of the token that /metrics asks for, read anew at each request')
    .option('--metrics-insecure', 'let other machines read /metrics without a token')
    .option('--metrics-port <n>', 'port of /metrics and /healthz; 0 takes a free one', '0')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent', 'info')
    .option('--exit-with-parent', 'stop when standard input closes')
    .addHelpText(
      'before',
      examples('lockstep worker --server 10.0.0.5:7070', 'LOCKSTEP_SERVER=127.0.0.1:7070 lockstep worker --device cpu'),
    )
    .action(async (options) => (await import('../actions/worker.js')).worker(options));
};
