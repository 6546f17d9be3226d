/** How fast a table is prepared and in how much memory, beside pandas and scikit-learn: `npm run bench:data`. */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { lockstep } from './child.ts';
import { findPandas } from './pandas.ts';
import { watchPeaks } from './proc.ts';
import { machineText, thisMachine } from './report.ts';

const HELP = `Writes a CSV of numbers and categories, prepares it for training in a process of its own, and reads it once typed;
beside it pandas and scikit-learn do the same. docs/bench.md says what the figures mean.

Examples:
  $ npm run bench:data                           1,000,000 rows of 30 columns
  $ npm run bench:data -- --epoch                that, and one epoch of training
  $ npm run bench:data -- --size-gb 5 --no-peer

Options:
  --rows <n>     rows of the table (default: 1000000)
  --size-gb <n>  as many rows as give so many bytes (10^9)
  --epoch        also trains one epoch with two workers, from the same CSV
  --no-peer      Lockstep alone
  -h, --help     show this

LOCKSTEP_BENCH_PYTHON names a Python with pandas and scikit-learn; without it one is made below ~/.cache/lockstep-bench.
`;
/** From bench/dist, where this is run. */
const PEER = fileURLToPath(new URL('../peers/pandas_prepare.py', import.meta.url));
const PROCESS = fileURLToPath(new URL('./data-process.js', import.meta.url));
const NUMBERS = 24;
const WORDS = ['oak', 'elm', 'yew', 'larch'];
const ROWS_AT_ONCE = 1000;
/** Processes of less are shells that start another one. */
const LEAST_MB = 10;
/** How often the processes of a training are looked at. */
const LOOK_MS = 100;

/** What is trained for an epoch: the table's 40 features, 1,024 rows a step. */
const EPOCH = `apiVersion: lockstep/v1
name: epoch
data: { path: table.csv, label: y, ignore: [id] }
model: [{ dense: { units: 64, activation: relu } }, { dense: { units: 1, activation: sigmoid } }]
train: { loss: binaryCrossEntropy, epochs: 1, batchSize: 1024, lanes: 2 }
`;

/** What one way of doing it took. */
export interface DataFigures {
  readonly seconds: number;
  readonly peakMb: number;
}

/** Runs the bench. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    allowNegative: true,
    options: {
      rows: { type: 'string', default: '1000000' },
      'size-gb': { type: 'string' },
      epoch: { type: 'boolean', default: false },
      peer: { type: 'boolean', default: true },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-data-'));
  try {
    const path = join(folder, 'table.csv');
    const size = values['size-gb'];
    const rows = await writeTable(
      path,
      size === undefined
        ? { rows: Number(values.rows), bytes: Number.POSITIVE_INFINITY }
        : { rows: Number.POSITIVE_INFINITY, bytes: Number(size) * 1e9 },
    );
    const bytes = statSync(path).size;
    process.stdout.write(machineText(thisMachine()));
    process.stdout.write(`${rows} rows x ${NUMBERS + WORDS.length + 2} columns, ${(bytes / 1e6).toFixed(0)} MB\n`);
    for (const work of ['read', 'prepare'] as const)
      print(`lockstep ${work}`, await measured(work, path, folder), bytes);
    if (values.epoch) await printEpoch(folder);
    if (values.peer) await printPeer(path, bytes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One epoch as users run it: preparation, two workers, test, export. */
async function printEpoch(folder: string): Promise<void> {
  const spec = join(folder, 'job.yaml');
  await writeFile(spec, EPOCH);
  const start = performance.now();
  const peaks = watchPeaks(LOOK_MS);
  await lockstep(['train', spec, '--out', join(folder, 'run'), '--workers', '2', '--quiet']);
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(`lockstep train, one epoch       ${seconds.toFixed(1)} s\n`);
  for (const { name, peakMb } of peaks.stop().filter(({ peakMb }) => peakMb >= LEAST_MB))
    process.stdout.write(`  ${name.padEnd(28)} peak ${peakMb.toFixed(0)} MB\n`);
}

async function printPeer(path: string, bytes: number): Promise<void> {
  const found = await findPandas();
  if (found.python === null) {
    process.stdout.write(`no peer: ${found.missing}\n`);
    return;
  }
  const { stdout } = await promisify(execFile)(found.python, [PEER, path], { maxBuffer: 1 << 20 });
  const peer = JSON.parse(stdout) as { readonly read: DataFigures; readonly prepare: DataFigures };
  print('pandas read', peer.read, bytes);
  print('pandas + scikit-learn prepare', peer.prepare, bytes);
}

function print(what: string, { seconds, peakMb }: DataFigures, bytes: number): void {
  const rate = (bytes / seconds / 2 ** 20).toFixed(1);
  process.stdout.write(`${what.padEnd(30)} ${seconds.toFixed(1)} s  ${rate} MiB/s  peak ${peakMb.toFixed(0)} MB\n`);
}

/** @param until whichever comes first @returns rows written */
async function writeTable(path: string, until: { readonly rows: number; readonly bytes: number }): Promise<number> {
  const file = createWriteStream(path);
  const names = Array.from({ length: NUMBERS }, (_, column) => `n${column}`);
  file.write(`id,${names.join(',')},${WORDS.map((_, column) => `w${column}`).join(',')},y\n`);
  let state = 12_345;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  let row = 0;
  for (let bytes = 0; row < until.rows && bytes < until.bytes; ) {
    let text = '';
    for (const last = Math.min(until.rows, row + ROWS_AT_ONCE); row < last; row++) {
      const numbers = names.map((_, column) => (random() * 100).toFixed(column % 8));
      const words = WORDS.map(() => WORDS[Math.floor(random() * WORDS.length)]);
      text += `${row},${numbers.join(',')},${words.join(',')},${row % 2}\n`;
    }
    bytes += text.length;
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
  return row;
}

/** Runs one piece of work in a process of its own. */
async function measured(work: 'read' | 'prepare', path: string, folder: string): Promise<DataFigures> {
  const child: ChildProcess = fork(PROCESS, [work, path, join(folder, 'prepared')]);
  return new Promise((resolve, reject) => {
    child.once('message', (figures) => resolve(figures as DataFigures));
    child.once('exit', (code) => reject(new Error(`${work} ended with exit code ${code}`)));
  });
}
