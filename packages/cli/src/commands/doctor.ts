/** `lockstep doctor`: does everything this machine needs work? */
import { examples, natsAccountOptions, type RegisterCommand } from './command.js';

/** Adds `doctor`. */
export const registerDoctor: RegisterCommand = (program) => {
  const command = program
    .command('doctor')
    .description('check Node, engine, data engine, nats-server and folders, and say how to mend what is wrong')
    .option('--nats-server <path>', 'nats-server program to check')
    .option('--nats <url>', 'running nats-server whose records to check (default: one of its own)');
  natsAccountOptions(command)
    .option('--json', 'print one JSON object')
    .addHelpText('before', examples('lockstep doctor', 'lockstep doctor --json'))
    .action(async (options) => (await import('../actions/doctor.js')).doctor(options));
};
