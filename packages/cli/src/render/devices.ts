/** What a machine can compute on, as text for people. */
import type { DeviceReport, DeviceRow, EngineRow, Obstacle } from '@lockstep/engine';
import pc from 'picocolors';
import { counted } from './counted.js';

const GIBIBYTE = 2 ** 30;
const NAME_COLUMN = 22;

/** Three lists, each row with its state, and what stands in the way under it. */
export function devicesText({ engines, providers, devices }: DeviceReport): string {
  return [
    pc.bold('engines'),
    ...enginesLines(engines),
    '',
    pc.bold('execution providers of ONNX Runtime, by --device'),
    ...providers.flatMap(({ provider, usable, numericClass, note, obstacles }) =>
      rowLines(usable, provider, note ? `${numericClass} (${note})` : numericClass, obstacles),
    ),
    '',
    pc.bold('devices'),
    ...devices.map((row) => stateLine(row.usable, row.device, deviceWords(row))),
    '',
  ].join('\n');
}

/** Each engine with its state, and what stands in its way under it. */
export function enginesLines(engines: readonly EngineRow[]): string[] {
  return engines.flatMap(({ engine, backend, numericClass, from, usable, obstacles }) =>
    rowLines(usable, `${engine} ${backend}`, `${numericClass}, from ${from}`, obstacles),
  );
}

function rowLines(usable: boolean, name: string, found: string, obstacles: readonly Obstacle[]): string[] {
  if (usable) return [stateLine(usable, name, found)];
  return obstacles.flatMap(({ why, fix }, index) => [
    index === 0 ? stateLine(usable, name, why) : `${' '.repeat(NAME_COLUMN + 9)}${why}`,
    `${' '.repeat(NAME_COLUMN + 9)}${pc.green('fix')} ${fix}`,
  ]);
}

function stateLine(usable: boolean, name: string, words: string): string {
  return `  ${usable ? pc.green('ready') : pc.dim('no   ')}  ${name.padEnd(NAME_COLUMN)}${words}`;
}

function deviceWords({ name, memoryBytes, cores }: DeviceRow): string {
  const parts = [
    name,
    cores ? `${cores.usable} of ${counted(cores.ofMachine, 'core')}` : '',
    memoryBytes > 0 ? `${(memoryBytes / GIBIBYTE).toFixed(1)} GiB` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
