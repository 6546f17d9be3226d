/** Checks everything that training needs on this machine. */
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectTable } from '@lockstep/data';
import { createEngine, identifyNumerics } from '@lockstep/engine';
import { LockstepError } from '@lockstep/protocol/core';
import pc from 'picocolors';
import { findNatsServer, versionOf } from '../local/nats-server.js';
import { makeOwnedFolder } from '../local/owned-folder.js';
import { startNats } from '../local/start-nats.js';
import { type NatsAccessFlags, natsAccessOf } from '../nats-access.js';

/** One finding. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
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
  const findings = [
    checkNode(),
    await check('engine', checkEngine),
    await check(
      'engine (binding)',
      async () => (await identifyNumerics(await createEngine({ adapter: 'binding' }), 1)).numericClass,
    ),
    await check('data engine', checkDataEngine),
    await check('nats-server', () => checkNats(options.natsServer)),
    await check('nats records', () => checkRecords(options)),
    await check('temporary folder', checkTemporary),
  ];
  const ok = findings.every((finding) => finding.ok);
  if (options.json) process.stdout.write(`${JSON.stringify({ state: ok ? 'ok' : 'failed', findings })}\n`);
  else for (const finding of findings) process.stdout.write(findingText(finding));
  if (!ok) process.exitCode = 2;
}

function findingText({ name, ok, found, fix }: Finding): string {
  const line = `${ok ? pc.green('ok   ') : pc.red('wrong')} ${name.padEnd(18)} ${found}\n`;
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
    const { message, fix } = LockstepError.from(thrown);
    return { name, ok: false, found: message, fix };
  }
}

async function checkEngine(): Promise<string> {
  let note = '';
  const onFallback = (reason: LockstepError): void => {
    note = ` (slower: ${reason.message})`;
  };
  const { numericClass } = await identifyNumerics(await createEngine({ onFallback }), 1);
  return `${numericClass}${note}`;
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
