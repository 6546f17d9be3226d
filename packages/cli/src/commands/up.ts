/** `lockstep up`: a service on this machine, in the foreground. */
import { MAX_WORKERS } from '../limits.js';
import { examples, natsAccountOptions, type RegisterCommand } from './command.js';

/** Adds `up`. */
export const registerUp: RegisterCommand = (program) => {
  const command = program
    .command('up')
    .description('run a service on this machine until Ctrl-C: nats-server, a coordinator and workers')
    .option('--workers <n>', `worker processes, at most ${MAX_WORKERS}; one that dies is started again`, '2')
    .option('--device <device>', 'device of the workers: auto, cpu, cuda or webgpu', 'auto')
    .option('--engine <engine>', 'engine of the workers: onnxruntime or tfjs', 'onnxruntime')
    .option('--host <address>', "address of the coordinator's gRPC and metrics", '127.0.0.1')
    .option('--insecure', 'let other machines in: --host without TLS and without a check of who they are')
    .option('--port <n>', "coordinator's gRPC port; 0 takes a free one", '7070')
    .option('--metrics-port <n>', 'port of the dashboard, /metrics and /healthz; 0 takes a free one', '0')
    .option('--no-dashboard', 'serve no dashboard, only /metrics and health')
    .option('--store <dir>', 'folder for data, jobs and models; the next up on it goes on', '.lockstep/store')
    .option('--nats <url>', 'use a running nats-server, e.g. nats://127.0.0.1:4222');
  natsAccountOptions(command)
    .option('--nats-server <path>', 'nats-server program to start')
    .addHelpText(
      'before',
      examples(
        'lockstep up',
        'lockstep up --workers 4 --port 7070 --store /var/lib/lockstep',
        'lockstep up --workers 0   # workers come from other machines: lockstep worker --server',
      ),
    )
    .action(async (options) => (await import('../actions/up.js')).up(options));
};
