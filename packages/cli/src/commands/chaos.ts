/** `lockstep chaos`: shows that faults do not change a job's result. */
import { MAX_FAULTS } from '../limits.js';
import { collect, examples, type RegisterCommand } from './command.js';

/** Adds `chaos`. */
export const registerChaos: RegisterCommand = (program) => {
  program
    .command('chaos')
    .description('run a job calmly, then again while its processes are killed and stopped, and compare the parameters')
    .argument('<spec>', 'job.yaml')
    .option('--faults <n>', `faults, of mixed kinds, spread over the job; at most ${MAX_FAULTS}`, '12')
    .option('--seed <n>', 'seed of their schedule; train.seed stays', '1')
    .option('--workers <n>', 'worker processes (default: run.workers)')
    .option('--set <key=value>', 'replace a value of the spec, e.g. --set train.epochs=300 (repeatable)', collect, [])
    .option('--nats-server <path>', 'nats-server program to start')
    .option('--json', 'last line on stdout is one JSON object with what each kind of fault cost')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'before',
      examples(
        'lockstep chaos examples/digits/job.yaml --faults 30',
        'lockstep chaos job.yaml --faults 6 --seed 7 --workers 3 --json',
      ),
    )
    .action(async (spec, options) => (await import('../actions/chaos.js')).chaos(spec, options));
};
