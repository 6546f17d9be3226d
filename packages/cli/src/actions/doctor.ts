/** Checks everything that training needs on this machine. */
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectTable } from '@lockstep/data';
import type { DeviceReport } from '@lockstep/engine';
import { LockstepError } from '@lockstep/protocol/core';
import pc from 'picocolors';
import { surveyDevices } from '../device-survey.js';
import { findNatsServer, versionOf } from '../local/nats-server.js';
import { makeOwnedFolder } from '../local/owned-folder.js';
import { startNats } from '../local/start-nats.js';
import { type NatsAccessFlags, natsAccessOf } from '../nats-access.js';

/** One finding. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What nobody needs who does not ask for it: nothing is wrong where it is not there. */
  readonly optional?: true;
  readonly found: string;
  /** What to do; '' when all is well. */
  readonly fix: string;
}

/** Options of `lockstep doctor`. */
export interface DoctorOptions extends NatsAccessFlags {
  readonly natsServer?: string | undefined;
  /** URL of a running nats-server; one is started when left out. */
  readonly nats?: string | undefined;
  readonly json?: true | undefined;
}

const MIN_NODE = [20, 19];

/** Runs `lockstep doctor`; exit code 2 when something is wrong. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const report = await surveyDevices().catch((thrown: unknown) => LockstepError.from(thrown));
  const findings: Finding[] = [
    checkNode(),
    ...(report instanceof LockstepError ? [failure('engine', report)] : engineFindings(report)),
    await check('data engine', checkDataEngine),
    await check('nats-server', () => checkNats(options.natsServer)),
    await check('nats records', () => checkRecords(options)),
    await check('temporary folder', checkTemporary),
    ...(report instanceof LockstepError ? [] : optionalFindings(report)),
  ];
  const ok = findings.every((finding) => finding.ok || finding.optional);
  if (options.json) process.stdout.write(`${JSON.stringify({ state: ok ? 'ok' : 'failed', findings })}\n`);
  else for (const finding of findings) process.stdout.write(findingText(finding));
  if (!ok) process.exitCode = 2;
}

function findingText({ name, ok, optional, found, fix }: Finding): string {
  const state = ok ? pc.green('ok   ') : optional ? pc.dim('none ') : pc.red('wrong');
  const line = `${state} ${name.padEnd(22)} ${found}\n`;
  return fix ? `${line}      ${pc.green('fix')} ${fix}\n` : line;
}

function checkNode(): Finding {
  const parts = process.versions.node.split('.').map(Number);
  const ok = parts[0]! > MIN_NODE[0]! || (parts[0] === MIN_NODE[0] && parts[1]! >= MIN_NODE[1]!);
  return { name: 'node', ok, found: process.version, fix: ok ? '' : `Install Node ${MIN_NODE.join('.')} or newer.` };
}

async function check(name: string, probe: () => Promise<string>): Promise<Finding> {
  try {
    return { name, ok: true, found: await probe(), fix: '' };
  } catch (thrown) {
    return failure(name, LockstepError.from(thrown));
  }
}

function failure(name: string, { message, fix }: LockstepError): Finding {
  return { name, ok: false, found: message, fix };
}

/** Training needs one way to call ONNX Runtime; the binding is the slower of the two. */
function engineFindings({ engines }: DeviceReport): Finding[] {
  const rows = engines.filter(({ engine }) => engine === 'onnxruntime');
  const [fast, binding] = ['c-api', 'binding'].map((backend) => rows.find((row) => row.backend === backend));
  const slower = fast?.usable || !binding?.usable ? '' : ` (slower: ${fast?.obstacles[0]?.why})`;
  const taken = slower ? binding : fast;
  return [
    { ...finding('engine', taken), found: `${finding('engine', taken).found}${slower}` },
    finding('engine (binding)', binding),
  ];
}

/** What a job asks for by name: other engines, and devices besides the CPU. */
function optionalFindings({ engines, providers }: DeviceReport): Finding[] {
  const others = engines.filter(({ engine }) => engine !== 'onnxruntime');
  const gpus = providers.filter(({ provider }) => provider === 'webgpu' || provider === 'cuda');
  return [
    ...others.map((row) => finding(`${row.engine} (${row.backend})`, row)),
    ...gpus.map((row) => finding(`device ${row.provider}`, row)),
  ].map((each) => ({ ...each, optional: true }));
}

function finding(name: string, row: DeviceReport['engines' | 'providers'][number] | undefined): Finding {
  const { usable = false, numericClass = '', obstacles = [] } = row ?? {};
  if (usable) return { name, ok: true, found: numericClass, fix: '' };
  const words = (key: 'why' | 'fix'): string => obstacles.map((obstacle) => obstacle[key]).join(' ');
  return { name, ok: false, found: words('why'), fix: words('fix') };
}

async function checkDataEngine(): Promise<string> {
  const folder = await makeOwnedFolder('doctor');
  try {
    const path = join(folder, 'probe.csv');
    await writeFile(path, 'a,b\n1,x\n2,y\n');
    const { rowCount } = await inspectTable([{ path, name: 'probe.csv' }]);
    if (rowCount !== 2) throw new Error(`it read ${rowCount} rows of 2`);
    return 'CSV is read';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkNats(path: string | undefined): Promise<string> {
  const program = await findNatsServer({ path, note: (text) => process.stderr.write(`${text}\n`) });
  return `${program} ${(await versionOf(program))?.join('.') ?? ''}`;
}

async function checkRecords(options: DoctorOptions): Promise<string> {
  const { probeRecords } = await import('@lockstep/coordinator');
  const { nats, natsServer } = options;
  if (nats) return probeRecords([nats], natsAccessOf(options));
  const own = await startNats({ serverPath: natsServer, note: (text) => process.stderr.write(`${text}\n`) });
  return probeRecords([own.url], { accountKey: own.accountKey }).finally(() => own.stop());
}

async function checkTemporary(): Promise<string> {
  await rm(await makeOwnedFolder('doctor'), { recursive: true });
  return tmpdir();
}
