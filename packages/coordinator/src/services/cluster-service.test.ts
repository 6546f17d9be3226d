/** Tests of the list of workers: pages, states, and what callers of one namespace see. */
import type { JoinRequest__Output } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LOCAL, type Principal } from '../core/principal.js';
import { HEARTBEAT_LOST_MS, QUIET_MS } from '../limits.js';
import { WorkerRegistry } from '../worker-registry.js';
import { listWorkers } from './cluster-service.js';

const VISION: Principal = { id: 'token:v', name: 'v', role: 'viewer', namespaces: ['vision'] };
const ownerOf = (namespace: string): Principal => ({
  ...{ id: `token:${namespace}`, name: namespace, role: 'worker', namespaces: [namespace], anyName: true },
});

/** Connected workers; those of `jobs` work for a job of a namespace. */
function cluster(jobs: Readonly<Record<string, string>> = {}) {
  let nowMs = 0;
  const registry = new WorkerRegistry({ nowMs: () => nowMs, unixSeconds: () => 1000 + nowMs / 1000 }, 1);
  onTestFinished(() => registry.close('the test is over'));
  const connect = (workerName: string, owner = LOCAL): void => {
    const engine = { name: 'onnxruntime', version: '1', provider: 'cpu', numericClass: 'c', reproducible: true };
    const join = { workerName, host: 'h', pid: 7, softwareVersion: '1', engine, replicas: 2, processNonce: workerName };
    const { workerId, incarnation } = registry.join(join as JoinRequest__Output, owner);
    registry.attach(
      workerId,
      incarnation,
      () => {},
      () => {},
      owner,
    );
  };
  const holderOf = ({ key }: { readonly key: { readonly workerId: string } }) => {
    const namespace = jobs[key.workerId];
    return namespace === undefined ? null : { id: `job-of-${namespace}`, namespace };
  };
  const list = (caller = LOCAL, pageSize = 0, pageToken = '') =>
    listWorkers({ registry, workforce: { holderOf } }, { pageSize, pageToken }, caller);
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { registry, connect, list, wait };
}

const idsOf = ({ workers }: ReturnType<typeof listWorkers>): unknown[] =>
  (workers ?? []).map(({ workerId }) => workerId);

describe('the list of workers', () => {
  it('comes in pages by id, also where the worker that a page was to begin at has gone', () => {
    const { registry, connect, list } = cluster();
    for (const name of ['c', 'a', 'd', 'b']) connect(name);
    const first = list(LOCAL, 2);
    expect(idsOf(first)).toEqual(['a', 'b']);
    expect(idsOf(list(LOCAL, 2, first.nextPageToken))).toEqual(['c', 'd']);
    const [, , third] = registry.sessions;
    expect(third?.key.workerId).toBe('d');
    const gone = registry.sessions.find(({ key }) => key.workerId === first.nextPageToken);
    if (gone) registry.detach(gone, 'gone', 'left');
    expect(list(LOCAL, 2, first.nextPageToken)).toMatchObject({ workers: [{ workerId: 'd' }], nextPageToken: '' });
    expect(() => list(LOCAL, -1)).toThrow('page_size is negative');
  });

  it('says what each is, and since when it is silent', () => {
    const { connect, list, wait } = cluster({ a: 'default' });
    connect('a');
    wait(QUIET_MS + 1);
    connect('b');
    const engine = { provider: 'cpu', numericClass: 'c' };
    const what = { host: 'h', pid: 7, softwareVersion: '1', replicas: 2, engine };
    expect(list().workers).toMatchObject([
      { ...what, workerId: 'a', state: 'silent', jobId: 'job-of-default', joinedUnixSeconds: 1000 },
      { ...what, workerId: 'b', state: 'free', jobId: '', heartbeatAgeSeconds: 0 },
    ]);
    expect(QUIET_MS).toBeLessThan(HEARTBEAT_LOST_MS);
  });

  it('A23 shows a caller no worker and no job of another namespace', () => {
    const { connect, list } = cluster({ ours: 'vision', lent: 'text' });
    connect('ours', ownerOf('vision'));
    connect('theirs', ownerOf('text'));
    connect('lent');
    expect(list(VISION).workers).toMatchObject([
      { workerId: 'lent', state: 'busy', jobId: '' },
      { workerId: 'ours', state: 'busy', jobId: 'job-of-vision' },
    ]);
    expect(idsOf(list())).toEqual(['lent', 'ours', 'theirs']);
  });
});
