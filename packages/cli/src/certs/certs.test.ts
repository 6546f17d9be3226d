import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { certsInit, certsIssue, certsRenew, certsShow } from '../actions/certs.js';
import { CertsFolder } from './folder.js';

const said: string[] = [];

beforeEach(() => {
  said.length = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
});

/** A folder with a CA and a certificate of each kind. */
async function filled(): Promise<CertsFolder> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-certs-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const common = { dir, days: '10' };
  await certsInit({ ...common, name: 'our CA' });
  await certsIssue('server', undefined, { ...common, host: ['train.example.org', '10.0.0.5'] });
  await certsIssue('submitter', 'alice', { ...common, host: [], namespace: 'vision' });
  return new CertsFolder(dir);
}

async function certificate(folder: CertsFolder, name: string): Promise<X509Certificate> {
  return new X509Certificate((await folder.read(name)).cert);
}

describe('certificates', () => {
  it('of a CA hold for it, say whom they name and what they are for', async () => {
    const folder = await filled();
    const [ca, server, alice] = await Promise.all(
      ['ca', 'server', 'submitter-vision-alice'].map((name) => certificate(folder, name)),
    );
    expect([ca?.ca, server?.ca, ca?.subject]).toEqual([true, false, 'CN=our CA']);
    for (const leaf of [server, alice]) expect(ca && leaf?.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true);
    expect(server?.subjectAltName).toBe(
      'DNS:train.example.org, IP Address:10.0.0.5, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(alice?.subjectAltName).toBe('URI:lockstep://submitter/vision/alice');
    expect([server?.keyUsage, alice?.keyUsage]).toEqual([['1.3.6.1.5.5.7.3.1'], ['1.3.6.1.5.5.7.3.2']]);
  });

  it('have keys that their owner alone may read, and leave no half file', async () => {
    const folder = await filled();
    const files = await readdir(folder.path);
    expect(files.filter((file) => file.endsWith('.partial'))).toEqual([]);
    for (const file of files.filter((name) => name.endsWith('-key.pem'))) {
      expect((await stat(join(folder.path, file))).mode & 0o777).toBe(0o600);
    }
  });

  it('are issued again with another key for the same names, under a CA that is renewed for its own key', async () => {
    const folder = await filled();
    const [before, ca] = [await folder.read('submitter-vision-alice'), await folder.read('ca')];
    await certsRenew(['ca'], { dir: folder.path, days: '20' });
    await certsRenew([], { dir: folder.path, days: '20' });
    const [after, newCa] = [await folder.read('submitter-vision-alice'), await folder.read('ca')];
    expect([after.key === before.key, newCa.key === ca.key, newCa.cert === ca.cert]).toEqual([false, true, false]);
    const [old, own] = [new X509Certificate(before.cert), new X509Certificate(after.cert)];
    expect(own.subjectAltName).toBe(old.subjectAltName);
    for (const leaf of [old, own]) expect(leaf.verify(new X509Certificate(newCa.cert).publicKey)).toBe(true);
  });

  it('that hold for long are left alone where only those that expire soon are to be renewed', async () => {
    const folder = await filled();
    const before = await folder.read('server');
    said.length = 0;
    await certsRenew([], { dir: folder.path, days: '20', within: '5' });
    expect([await folder.read('server'), said]).toEqual([before, []]);
  });

  it('are shown with whom they name', async () => {
    const folder = await filled();
    said.length = 0;
    await certsShow({ dir: folder.path, json: true });
    expect(said.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual([
      ...['ca', 'server', 'submitter-vision-alice'],
    ]);
  });

  it('are refused without a CA, with another role or name, and over a CA that is there', async () => {
    const folder = await filled();
    const common = { dir: folder.path, days: '10', host: [] };
    await expect(certsInit({ ...common, name: 'x' })).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' });
    await expect(certsIssue('root', 'x', common)).rejects.toMatchObject({ code: 'USAGE', field: 'ROLE' });
    for (const name of ['../x', 'a/b', 'Alice', undefined]) {
      await expect(certsIssue('viewer', name, common)).rejects.toMatchObject({ code: 'USAGE', field: 'NAME' });
    }
    const nowhere = { ...common, dir: join(folder.path, 'none') };
    await expect(certsIssue('viewer', 'x', nowhere)).rejects.toMatchObject({ code: 'TLS_INVALID', fix: /certs init/ });
  });
});
