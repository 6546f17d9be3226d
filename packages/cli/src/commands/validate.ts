/** `lockstep validate`: check a spec and start nothing. */
import { collect, examples, type RegisterCommand } from './command.js';

/** Adds `validate`. */
export const registerValidate: RegisterCommand = (program) => {
  program
    .command('validate')
    .description('check a job spec, and its data where that is here, and list every problem with its line')
    .argument('<spec>', 'job.yaml')
    .option('--set <key=value>', 'replace a value of the spec (repeatable)', collect, [])
    .option('--resolved', 'print the spec with every default filled in')
    .option('--schema', 'print the JSON Schema of the spec')
    .option('--json', 'last line on stdout is one JSON object')
    .addHelpText('before', examples('lockstep validate job.yaml', 'lockstep validate job.yaml --resolved'))
    .action(async (spec, options) => (await import('../actions/validate.js')).validate(spec, options));
};
