import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterAssembler } from './assembler.js';
import { type ChunkHeader, chunkRanges, type VersionKey, versionDigest } from './chunk.js';

const JOB = 'job-1';
const ELEMENTS = 48;
const CHUNK_BYTES = 40;

interface Message {
  readonly header: ChunkHeader;
  readonly payload: Uint8Array;
}

function assemble(elementCount = ELEMENTS): ParameterAssembler {
  return new ParameterAssembler({
    job: JOB,
    elementCount,
    crc32,
    buffer: () => new Float32Array(elementCount).fill(Number.NaN),
  });
}

const key = (leadershipEpoch: number, version: number): VersionKey => ({ leadershipEpoch, version });

function valuesOf(leadershipEpoch: number, version: number): Float32Array {
  return Float32Array.from({ length: ELEMENTS }, (_, index) => leadershipEpoch * 1e4 + version * 100 + index);
}

function broadcast(leadershipEpoch: number, version: number, maxBytes = CHUNK_BYTES): Message[] {
  const flat = valuesOf(leadershipEpoch, version);
  return chunkRanges(ELEMENTS, maxBytes).map(({ start, end }, chunk, ranges) => {
    const payload = new Uint8Array(flat.slice(start, end).buffer);
    const place = { job: JOB, leadershipEpoch, version, chunk, count: ranges.length, offset: start };
    return { header: { ...place, dtype: 'float32', crc32: crc32(payload) }, payload };
  });
}

function digestOf(messages: readonly Message[]): number {
  return versionDigest(
    messages.map(({ header }) => header),
    crc32,
  );
}

const offerAll = (assembler: ParameterAssembler, messages: readonly Message[]) =>
  messages.map(({ header, payload }) => assembler.offer(header, payload));

/** What may happen to a chunk on its way. */
const FAULTS = {
  none: (message: Message): Message[] => [message],
  lost: (): Message[] => [],
  doubled: (message: Message): Message[] => [message, message],
  corrupt: ({ header, payload }: Message): Message[] => [{ header, payload: payload.map((byte) => byte ^ 1) }],
  cut: ({ header, payload }: Message): Message[] => [{ header, payload: payload.subarray(0, payload.length - 4) }],
  torn: ({ header, payload }: Message): Message[] => [{ header, payload: payload.subarray(0, payload.length - 1) }],
  otherJob: ({ header, payload }: Message): Message[] => [{ header: { ...header, job: 'job-2' }, payload }],
  moved: ({ header, payload }: Message): Message[] => [{ header: { ...header, offset: ELEMENTS }, payload }],
} as const;

describe('a version of the parameters', () => {
  it('is whole after its chunks in any order, and only with the last one', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(broadcast(1, 3), { minLength: 5 }), (messages) => {
        const assembler = assemble();
        const outcomes = offerAll(assembler, messages);
        expect(outcomes.map(({ completed }) => completed)).toEqual([null, null, null, null, 3]);
        expect([...assembler.read(key(1, 3))]).toEqual([...valuesOf(1, 3)]);
        expect(assembler.digest(key(1, 3))).toBe(digestOf(broadcast(1, 3)));
        expect(assembler.missing(key(1, 3))).toEqual([]);
      }),
    );
  });

  it('never holds a wrong number, and is whole exactly when each of its chunks came unharmed', () => {
    const fault = fc.constantFrom(...(Object.keys(FAULTS) as (keyof typeof FAULTS)[]));
    const sent = fc.record({ version: fc.constantFrom(6, 7), chunk: fc.nat(4), fault });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 60 }), (deliveries) => {
        const assembler = assemble();
        const arrived = new Map([6, 7].map((version) => [version, new Set<number>()]));
        for (const { version, chunk, fault: name } of deliveries) {
          if (name === 'none' || name === 'doubled') arrived.get(version)?.add(chunk);
          offerAll(assembler, FAULTS[name](broadcast(1, version)[chunk] as Message));
        }
        for (const [version, chunks] of arrived) {
          expect(assembler.isComplete(key(1, version))).toBe(chunks.size === 5);
          if (chunks.size === 5) expect([...assembler.read(key(1, version))]).toEqual([...valuesOf(1, version)]);
          else expect(() => assembler.read(key(1, version))).toThrow('not whole');
          const absent = chunkRanges(ELEMENTS, CHUNK_BYTES).filter((_, chunk) => !chunks.has(chunk));
          const elements = (ranges: readonly { start: number; end: number }[]) =>
            ranges.reduce((sum, { start, end }) => sum + end - start, 0);
          expect(elements(assembler.missing(key(1, version)))).toBe(elements(absent));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('counts distinct chunks, not messages', () => {
    const assembler = assemble();
    const [first] = broadcast(1, 0) as [Message];
    const outcomes = offerAll(assembler, [first, first, first, first, first, first]);
    expect(outcomes.map(({ reason }) => reason)).toEqual(['', ...Array<string>(5).fill('duplicate')]);
    expect(assembler.isComplete(key(1, 0))).toBe(false);
    expect(assembler.missing(key(1, 0))).toEqual([{ start: 10, end: ELEMENTS }]);
  });

  it('is not whole when chunks overlap, even if their sizes add up', () => {
    const assembler = assemble();
    const messages = broadcast(1, 0, ELEMENTS * 2);
    const [first, second] = messages as [Message, Message];
    offerAll(assembler, [first, { header: { ...second.header, offset: 0 }, payload: second.payload }]);
    expect(assembler.isComplete(key(1, 0))).toBe(false);
    expect(assembler.missing(key(1, 0))).toEqual([{ start: 24, end: 48 }]);
  });

  it('stays as it is once whole', () => {
    const assembler = assemble();
    offerAll(assembler, broadcast(1, 0));
    const [other] = broadcast(1, 9) as [Message];
    const outcome = assembler.offer({ ...other.header, version: 0 }, other.payload);
    expect(outcome).toEqual({ accepted: false, reason: 'already whole', completed: null });
    assembler.fill(key(1, 0), 0, other.payload);
    expect([...assembler.read(key(1, 0))]).toEqual([...valuesOf(1, 0)]);
  });

  it('may be empty', () => {
    const assembler = assemble(0);
    const header = { job: JOB, leadershipEpoch: 1, version: 0, chunk: 0, count: 1, offset: 0 } as const;
    const payload = new Uint8Array(0);
    expect(assembler.offer({ ...header, dtype: 'float32', crc32: crc32(payload) }, payload).completed).toBe(0);
  });
});

describe('headers that no publisher sends', () => {
  it('are refused with a reason, and nothing is kept', () => {
    const [{ header, payload }] = broadcast(1, 0) as [Message];
    const refused: [Partial<ChunkHeader>, string][] = [
      [{ job: 'job-2' }, 'another job'],
      [{ version: -1 }, 'bad version number'],
      [{ version: Number.NaN }, 'bad version number'],
      [{ leadershipEpoch: 0.5 }, 'bad version number'],
      [{ dtype: 'float16' as 'float32' }, 'another element type'],
      [{ chunk: 5 }, 'bad chunk number'],
      [{ chunk: -1 }, 'bad chunk number'],
      [{ count: 0 }, 'bad chunk number'],
      [{ count: ELEMENTS + 1 }, 'more chunks than elements'],
      [{ offset: -1 }, 'outside the parameters'],
      [{ offset: ELEMENTS - 9 }, 'outside the parameters'],
      [{ crc32: header.crc32 ^ 1 }, 'wrong checksum'],
    ];
    for (const [change, reason] of refused) {
      const assembler = assemble();
      expect(assembler.offer({ ...header, ...change }, payload)).toEqual({ accepted: false, reason, completed: null });
      expect(assembler.missing(key(1, 0))).toEqual([{ start: 0, end: ELEMENTS }]);
    }
  });

  it('that disagree about the number of chunks are refused', () => {
    const assembler = assemble();
    const [first, second] = broadcast(1, 0) as [Message, Message];
    assembler.offer(first.header, first.payload);
    expect(assembler.offer({ ...second.header, count: 6 }, second.payload).reason).toBe('another chunk count');
  });
});

describe('versions and leadership epochs', () => {
  it('holds two versions; the lowest makes room for a new one, never for a late one', () => {
    const taken: number[] = [];
    const buffer = ({ version }: VersionKey) => {
      taken.push(version);
      return new Float32Array(ELEMENTS);
    };
    const assembler = new ParameterAssembler({ job: JOB, elementCount: ELEMENTS, crc32, buffer });
    for (const version of [4, 5]) offerAll(assembler, broadcast(1, version));
    expect(new Set(offerAll(assembler, broadcast(1, 3)).map(({ reason }) => reason))).toEqual(
      new Set(['a version no longer needed']),
    );
    expect([3, 4, 5].map((version) => assembler.isComplete(key(1, version)))).toEqual([false, true, true]);
    offerAll(assembler, broadcast(1, 6));
    expect([4, 5, 6].map((version) => assembler.isComplete(key(1, version)))).toEqual([false, true, true]);
    expect(taken).toEqual([4, 5, 6]);
  });

  it('forgets every version of an earlier leadership epoch, also one of the same number and bits', () => {
    const assembler = assemble();
    const messages = [4, 5].flatMap((version) => broadcast(1, version));
    offerAll(assembler, messages);
    const again = messages.map(({ header, payload }) => ({ header: { ...header, leadershipEpoch: 2 }, payload }));
    offerAll(assembler, again);
    const held = [1, 2].map((epoch) => [4, 5].map((version) => assembler.isComplete(key(epoch, version))));
    expect(held).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(assembler.digest(key(1, 4))).toBeNull();
    expect(() => assembler.read(key(1, 4))).toThrow('not whole');
    expect(assembler.missing(key(1, 4))).toEqual([{ start: 0, end: ELEMENTS }]);
    assembler.forget(key(1, 4));
    expect(assembler.isComplete(key(2, 4))).toBe(true);
  });

  it('never mixes two leadership epochs in one version', () => {
    const both = [...broadcast(1, 4), ...broadcast(2, 4)];
    fc.assert(
      fc.property(fc.shuffledSubarray(both, { minLength: both.length }), (messages) => {
        const assembler = assemble();
        offerAll(assembler, messages);
        const firstOfNew = messages.findIndex(({ header }) => header.leadershipEpoch === 2);
        const newer = messages.slice(firstOfNew).filter(({ header }) => header.leadershipEpoch === 2);
        expect(newer.length).toBe(5);
        expect([...assembler.read(key(2, 4))]).toEqual([...valuesOf(2, 4)]);
      }),
    );
  });
});

describe('a refetch', () => {
  it('completes a version whose digest then matches the command', () => {
    const assembler = assemble();
    const messages = broadcast(1, 2);
    offerAll(assembler, [messages[0] as Message, messages[3] as Message]);
    expect(assembler.missing(key(1, 2))).toEqual([
      { start: 10, end: 30 },
      { start: 40, end: 48 },
    ]);
    for (const { start, end } of assembler.missing(key(1, 2))) {
      assembler.fill(key(1, 2), start, new Uint8Array(valuesOf(1, 2).slice(start, end).buffer));
    }
    expect(assembler.isComplete(key(1, 2))).toBe(false);
    expect(assembler.finishRefetch(key(1, 2), digestOf(messages), CHUNK_BYTES)).toBe(true);
    expect([...assembler.read(key(1, 2))]).toEqual([...valuesOf(1, 2)]);
    expect(assembler.digest(key(1, 2))).toBe(digestOf(messages));
  });

  it('does not complete a version with another digest, which can then be forgotten', () => {
    const assembler = assemble();
    assembler.fill(key(1, 2), 0, new Uint8Array(valuesOf(1, 2).buffer));
    expect(assembler.finishRefetch(key(1, 2), digestOf(broadcast(1, 3)), CHUNK_BYTES)).toBe(false);
    expect(assembler.isComplete(key(1, 2))).toBe(false);
    assembler.forget(key(1, 2));
    expect(offerAll(assembler, broadcast(1, 2)).at(-1)?.completed).toBe(2);
    expect(assembler.finishRefetch(key(1, 8), 0, CHUNK_BYTES)).toBe(false);
  });

  it('refuses bytes outside the parameters or of a leadership epoch that is over', () => {
    const assembler = assemble();
    offerAll(assembler, broadcast(2, 2));
    expect(() => assembler.fill(key(2, 3), ELEMENTS - 1, new Uint8Array(8))).toThrow('outside');
    expect(() => assembler.fill(key(2, 3), 0, new Uint8Array(3))).toThrow('outside');
    expect(() => assembler.fill(key(1, 3), 0, new Uint8Array(4))).toThrow('is over');
  });
});
