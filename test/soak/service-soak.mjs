/**
 * Runs small jobs on one `lockstep up`, one after another, evenly over some time, and watches the memory of every
 * process: `npm run soak -- [--minutes 30] [--workers 32] [--jobs 200]`. Fails where a job fails, where two jobs of one
 * spec have other parameters, or where the resident memory of the coordinator, or of the workers together, grows by 5 %
 * or more between the end of the warm-up and the end.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MAX_GROWTH = 0.05;
/** Part of the samples after which memory is compared, and the part at the end that it is compared with. */
const WARM_UP = 0.3;
const WINDOW = 0.2;
const ROWS = 10;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(ROOT, 'packages/cli/bin/lockstep.js');

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    workers: { type: 'string', default: '32' },
    jobs: { type: 'string', default: '200' },
    epochs: { type: 'string', default: '5' },
  },
});
const [minutes, workers, jobs] = [values.minutes, values.workers, values.jobs].map(Number);
for (const [name, value] of Object.entries({ minutes, workers, jobs })) {
  if (!(value > 0)) throw new Error(`--${name} is a number above 0.`);
}

const work = mkdtempSync(join(tmpdir(), 'lockstep-soak-'));
const up = spawn(process.execPath, [BIN, 'up', '--workers', String(workers), '--port', '0', '--store', work], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((resolve) => up.once('exit', resolve));
let failure = '';
try {
  const server = await address();
  await soak(server);
} catch (thrown) {
  failure = thrown.message;
} finally {
  up.kill('SIGTERM');
  await ended;
  rmSync(work, { recursive: true, force: true });
}
if (failure) {
  console.error(`soak failed: ${failure}`);
  process.exit(1);
}

async function soak(server) {
  const samples = [];
  const hashes = new Set();
  const startedMs = performance.now();
  for (let count = 0; count < jobs; count++) {
    hashes.add(await runJob(server));
    samples.push(memory());
    const nextMs = startedMs + ((count + 1) * minutes * 60_000) / jobs;
    await sleep(Math.max(0, nextMs - performance.now()));
  }
  const seconds = (performance.now() - startedMs) / 1000;
  if (hashes.size !== 1) throw new Error(`${jobs} jobs of one spec have ${hashes.size} different parameters`);
  report(samples, `${jobs} jobs in ${(seconds / 60).toFixed(1)} min, ${workers} workers, node ${process.version}`);
}

function report(samples, title) {
  console.log(`${title}\nRSS in MiB     ${Array.from({ length: ROWS }, (_, row) => tenth(row)).join('')}  growth`);
  const grown = [];
  for (const kind of ['coordinator', 'workers', 'nats']) {
    const series = samples.map((sample) => sample[kind]);
    const size = Math.max(1, Math.floor(series.length * WINDOW));
    const from = Math.floor(series.length * WARM_UP);
    const growth = median(series.slice(-size)) / median(series.slice(from, from + size)) - 1;
    const cells = Array.from({ length: ROWS }, (_, row) => cell(median(part(series, row)).toFixed(1)));
    console.log(`${kind.padEnd(15)}${cells.join('')}  ${(growth * 100).toFixed(2)} %`);
    if (kind !== 'nats' && growth >= MAX_GROWTH) grown.push(`${kind} by ${(growth * 100).toFixed(2)} %`);
  }
  if (grown.length > 0) throw new Error(`the resident memory grew: ${grown.join(', ')}`);
}

function tenth(row) {
  return cell(`${(row + 1) * 10} %`);
}

function cell(text) {
  return text.padStart(9);
}

function part(series, row) {
  const from = Math.floor((row * series.length) / ROWS);
  return series.slice(from, Math.max(from + 1, Math.floor(((row + 1) * series.length) / ROWS)));
}

/** Resident MiB by kind of process. The preparation processes of jobs come and go, and are left out. */
function memory() {
  const sums = { coordinator: 0, workers: 0, nats: 0 };
  for (const { pid, args } of descendants()) {
    const kind = args.includes('/lockstep.js coordinator ')
      ? 'coordinator'
      : args.includes('/lockstep.js worker ')
        ? 'workers'
        : args.includes('nats-server') && !args.includes('guardian')
          ? 'nats'
          : null;
    if (kind) sums[kind] += residentMiB(pid);
  }
  return sums;
}

function residentMiB(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Processes that the service has started, directly or not. */
function descendants() {
  const rows = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      rows.push({
        pid: Number(name),
        parent,
        args: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '),
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  const family = new Set([up.pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid);
  }
  return rows.filter(({ pid }) => pid !== up.pid && family.has(pid));
}

async function runJob(server) {
  const spec = join(ROOT, 'examples/breast-cancer/job.yaml');
  const out = mkdtempSync(join(work, 'out-'));
  const args = ['submit', spec, '--set', `train.epochs=${values.epochs}`, '--server', server, '--json', '--quiet'];
  const child = spawn(process.execPath, [BIN, ...args, '--out', join(out, 'run')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const code = await new Promise((resolve) => child.once('close', resolve));
  rmSync(out, { recursive: true, force: true });
  if (code !== 0) throw new Error(`a job ended with ${code}: ${stderr()} ${stdout()}`);
  return JSON.parse(stdout().trimEnd().split('\n').at(-1)).parametersSha256;
}

function collect(stream) {
  let text = '';
  stream.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  return () => text;
}

async function address() {
  const words = collect(up.stdout);
  for (let tries = 0; tries < 600 && up.exitCode === null; tries++) {
    const [, found] = /^coordinator (\S+)/m.exec(words()) ?? [];
    if (found) return found;
    await sleep(100);
  }
  throw new Error('lockstep up did not start');
}

function median(series) {
  return [...series].sort((left, right) => left - right)[series.length >> 1];
}
