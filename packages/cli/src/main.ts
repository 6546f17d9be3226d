/** Entry of the `lockstep` command: parses arguments, loads only the verb that was asked for, maps errors to exit codes. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { COMMANDS } from './commands/table.js';
import { reportFailure } from './failure-report.js';
import { ENDING_SIGNALS, endOnSignals } from './first-signal.js';
import { guardOutput } from './output-streams.js';
import { refuseEmpty, usageError } from './usage-error.js';
import { VERSION } from './version.js';

const EXAMPLES = `Examples:
  $ lockstep init data.csv --label target        write a commented job.yaml
  $ lockstep train job.yaml --workers 4          train on this machine
  $ lockstep predict runs/job/model.onnx new.csv --out scored.csv
  $ lockstep explain train.optimizer             what a key of the spec means
`;

const EXIT_CODES = `
Exit codes: 0 ok, 1 the job failed, 2 bad usage or input, 3 cannot reach a server, 130 interrupted.
`;

function buildProgram(): Command {
  const program = new Command('lockstep')
    .description('Distributed training that gives the same bits on any number of workers.')
    .version(VERSION)
    .addHelpText('before', EXAMPLES)
    .addHelpText('after', EXIT_CODES)
    .configureOutput({ outputError: () => {} }) as unknown as Command;
  for (const register of COMMANDS) register(program);
  throwErrorsBelow(program as unknown as CommandUnknownOpts, 'lockstep');
  program.hook('preAction', (_program, command) => refuseEmpty(command));
  return program;
}

/** Of a command and all that it has below it. */
function throwErrorsBelow(command: CommandUnknownOpts, words: string): void {
  throwErrors(command, words);
  for (const child of command.commands) throwErrorsBelow(child, `${words} ${child.name()}`);
}

/** An end that is no error, as that of --help, stays commander's. */
function throwErrors(command: CommandUnknownOpts, words: string): void {
  command.exitOverride((end) => {
    throw end.exitCode === 0 ? end : usageError(end, words);
  });
}

/** Runs the command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  guardOutput();
  // grpc-js names an address as the server's name in TLS, which Node warns of: nothing that a user could mend.
  process.noDeprecation = true;
  endOnSignals(ENDING_SIGNALS);
  try {
    const program = buildProgram();
    if (argv.length <= 2) {
      program.outputHelp();
    } else await program.parseAsync([...argv]);
  } catch (thrown) {
    process.exitCode = reportFailure(thrown);
  }
  await end();
}

/** Ends the process once its output is out: a verb that is over must not be kept alive by an open pipe or a timer. */
async function end(): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  process.exit();
}
