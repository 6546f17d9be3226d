/** `lockstep devices`: what can this machine compute on? */
import { Option } from '@commander-js/extra-typings';
import { examples, type RegisterCommand } from './command.js';

/** Adds `devices`. */
export const registerDevices: RegisterCommand = (program) => {
  program
    .command('devices')
    .description('list engines, execution providers and devices of this machine, and why some cannot be used')
    .option('--json', 'print one JSON object')
    .addOption(new Option('--try <what>').hideHelp())
    .addOption(new Option('--exit-with-parent').hideHelp())
    .addHelpText('before', examples('lockstep devices', 'lockstep devices --json'))
    .action(async (options) => (await import('../actions/devices.js')).devices(options));
};
