/** `lockstep engines`: what computes gradients on this machine. */
import { examples, type RegisterCommand } from './command.js';

/** Adds `engines`. */
export const registerEngines: RegisterCommand = (program) => {
  const engines = program
    .command('engines')
    .description('list the engines of this machine, and build TensorFlow.js against a real TensorFlow')
    .addHelpText(
      'before',
      examples(
        'lockstep engines list',
        'lockstep engines install tfjs',
        'lockstep engines install tfjs --gpu',
        'LOCKSTEP_ENGINES=/opt/engines lockstep engines install tfjs   # where images copy it from',
      ),
    );
  engines
    .command('list')
    .description('try each engine: versions, where it comes from, and why it does not work')
    .option('--json', 'one JSON object per engine and line')
    .action(async (options) => (await import('../actions/engines.js')).enginesList(options));
  engines
    .command('install')
    .description('build an engine in the cache of this user; one that works is left alone')
    .argument('<engine>', 'tfjs')
    .option('--gpu', "with NVIDIA's CUDA; without a GPU it computes on the CPU")
    .option('--json', 'print one JSON object with what was built')
    .addHelpText('before', examples('lockstep engines install tfjs', 'lockstep train job.yaml --set train.engine=tfjs'))
    .action(async (engine, options) => (await import('../actions/engines.js')).enginesInstall(engine, options));
};
