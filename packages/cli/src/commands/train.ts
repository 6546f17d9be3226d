/** `lockstep train`: everything on this machine, one command. */
import { collect, examples, natsAccountOptions, type RegisterCommand } from './command.js';

/** Adds `train`. */
export const registerTrain: RegisterCommand = (program) => {
  const command = program
    .command('train')
    .description('train a job on this machine: starts nats-server, a coordinator and workers, and ends them all')
    .argument('<spec>', 'job.yaml')
    .option('--workers <n>', 'worker processes; never changes the result (default: run.workers)')
    .option('--out <dir>', 'folder for model.onnx, metrics.json, history.csv and spec.yaml (default: runs/<name>)')
    .option('--resume', 'go on with the run in --out from its newest checkpoint')
    .option('--set <key=value>', 'replace a value of the spec, e.g. --set train.epochs=3 (repeatable)', collect, [])
    .option('--seed <n>', 'replace train.seed; the seed of the split stays')
    .option('--link <link>', 'auto, host or network; never changes the result')
    .option('--trace <file>', 'write when each phase of each step ran, for Perfetto or chrome://tracing')
    .option('--rebase-numerics', 'go on with workers that compute other bits where none of the own class is left')
    .option('--nats <url>', 'use a running nats-server, e.g. nats://127.0.0.1:4222');
  natsAccountOptions(command)
    .option('--nats-server <path>', 'nats-server program to start')
    .option('--port <n>', "coordinator's gRPC port (default: a free one)")
    .option('--no-dashboard', 'serve no dashboard, only /metrics and health')
    .option('--json', 'last line on stdout is one JSON object with the outcome')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'before',
      examples(
        'lockstep train examples/breast-cancer/job.yaml --workers 2',
        'lockstep train job.yaml --set train.epochs=50 --set train.optimizer=adamw',
        'lockstep train job.yaml --out runs/first --resume',
        'lockstep train job.yaml --workers 4 --out runs/first --json | jq .metrics.test',
      ),
    )
    .action(async (spec, options) => (await import('../actions/train.js')).train(spec, options));
};
