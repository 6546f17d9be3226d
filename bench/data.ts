/** How fast a table is prepared and in how much memory, beside pandas and scikit-learn: `npm run bench:data`. */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { findPandas } from './pandas.ts';

const HELP = `Writes a CSV of numbers and categories, prepares it for training in a process of its own, and reads it once typed;
beside it pandas and scikit-learn do the same.

Examples:
  $ npm run bench:data                           1,000,000 rows of 30 columns
  $ npm run bench:data -- --rows 25000000        about 5 GB
  $ npm run bench:data -- --rows 100000 --no-peer

Options:
  --rows <n>   rows of the table (default: 1000000)
  --no-peer    Lockstep alone
  -h, --help   show this

LOCKSTEP_BENCH_PYTHON names a Python with pandas and scikit-learn; without it one is made below ~/.cache/lockstep-bench.
`;
/** From bench/dist, where this is run. */
const PEER = fileURLToPath(new URL('../peers/pandas_prepare.py', import.meta.url));
const PROCESS = fileURLToPath(new URL('./data-process.js', import.meta.url));
const NUMBERS = 24;
const WORDS = ['oak', 'elm', 'yew', 'larch'];
const ROWS_AT_ONCE = 1000;

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
    await writeTable(path, Number(values.rows));
    const bytes = statSync(path).size;
    process.stdout.write(
      `${values.rows} rows x ${NUMBERS + WORDS.length + 2} columns, ${(bytes / 1e6).toFixed(0)} MB\n`,
    );
    for (const work of ['read', 'prepare'] as const)
      print(`lockstep ${work}`, await measured(work, path, folder), bytes);
    if (values.peer) await printPeer(path, bytes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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

async function writeTable(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  const names = Array.from({ length: NUMBERS }, (_, column) => `n${column}`);
  file.write(`id,${names.join(',')},${WORDS.map((_, column) => `w${column}`).join(',')},y\n`);
  let state = 12_345;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
    let text = '';
    for (let row = first; row < Math.min(rows, first + ROWS_AT_ONCE); row++) {
      const numbers = names.map((_, column) => (random() * 100).toFixed(column % 8));
      const words = WORDS.map(() => WORDS[Math.floor(random() * WORDS.length)]);
      text += `${row},${numbers.join(',')},${words.join(',')},${row % 2}\n`;
    }
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}

/** Runs one piece of work in a process of its own. */
async function measured(work: 'read' | 'prepare', path: string, folder: string): Promise<DataFigures> {
  const child: ChildProcess = fork(PROCESS, [work, path, join(folder, 'prepared')]);
  return new Promise((resolve, reject) => {
    child.once('message', (figures) => resolve(figures as DataFigures));
    child.once('exit', (code) => reject(new Error(`${work} ended with exit code ${code}`)));
  });
}
