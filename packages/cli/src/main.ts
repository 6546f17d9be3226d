/** Entry of the `lockstep` command: parses arguments, loads only the verb that was asked for, maps errors to exit codes. */
import { Command, CommanderError } from '@commander-js/extra-typings';
import { LockstepError } from '@lockstep/protocol/core';
import { COMMANDS } from './commands/table.js';
import { guardOutput } from './output-streams.js';
import { renderFailure } from './render/failure.js';
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
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  for (const register of COMMANDS) register(program as unknown as Command);
  for (const command of program.commands) command.exitOverride();
  return program as unknown as Command;
}

/** Runs the command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const json = argv.includes('--json');
  guardOutput();
  try {
    const program = buildProgram();
    if (argv.length <= 2) {
      program.outputHelp();
    } else await program.parseAsync([...argv]);
  } catch (thrown) {
    process.exitCode = report(thrown, json);
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

function report(thrown: unknown, json: boolean): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return 0;
    if (json) {
      const error = new LockstepError('USAGE', { message: thrown.message.replace(/^error: /, '') });
      process.stdout.write(`${JSON.stringify({ state: 'failed', error })}\n`);
    }
    return 2;
  }
  const error = LockstepError.from(thrown);
  if (process.env.LOCKSTEP_CHILD) process.stderr.write(`${JSON.stringify({ error })}\n`);
  else renderFailure(error, process.stderr);
  if (json) process.stdout.write(`${JSON.stringify({ state: 'failed', error })}\n`);
  return error.entry.exit;
}
