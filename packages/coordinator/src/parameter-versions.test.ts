import { expect, it } from 'vitest';
import { isSettled } from '../../../test/support/is-settled.js';
import { ownMemory, ParameterVersions } from './parameter-versions.js';

/** A broadcast whose versions are on their way until they are told to have been sent. */
function slowBroadcast() {
  const published: { readonly version: number; readonly sent: () => void }[] = [];
  return {
    published,
    publish: async (_epoch: number, version: number) => {
      let sent: () => void = () => {};
      const until = new Promise<void>((resolve) => {
        sent = resolve;
      });
      published.push({ version, sent });
      return { digest: version, bytes: 4, sent: until };
    },
    digest: () => 0,
  };
}

it('a version is committed while it is on its way, and the one before has left its vector', async () => {
  const broadcast = slowBroadcast();
  const versions = new ParameterVersions({
    ...{ leadershipEpoch: 1, version: 0, memory: ownMemory(1), broadcast, onBytes: () => {} },
  });
  expect(await isSettled(versions.start())).toBe(true);
  versions.next().fill(1);
  // Version 2 will be written to where version 0 still is read from.
  const commit = versions.commit();
  expect(await isSettled(commit)).toBe(false);
  expect({ digest: versions.digest, version: versions.version }).toEqual({ digest: 1, version: 1 });
  broadcast.published[0]?.sent();
  expect(await isSettled(commit)).toBe(true);
  expect(broadcast.published.map(({ version }) => version)).toEqual([0, 1]);
});
