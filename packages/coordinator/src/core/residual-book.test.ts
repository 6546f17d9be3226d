/** Tests of who has which lane, and where its residual is. */
import { describe, expect, it } from 'vitest';
import type { LaneState, WorkerKey } from './lane-state.js';
import { ResidualBook } from './residual-book.js';

const w0: WorkerKey = { workerId: 'w0', incarnation: 1 };
const w1: WorkerKey = { workerId: 'w1', incarnation: 1 };
const w2: WorkerKey = { workerId: 'w2', incarnation: 1, replicas: 2 };
const vector = (value: number): Float32Array => Float32Array.of(value);
const told = (...lanes: number[]) => new Map(lanes.map((lane) => [lane, vector(10 + lane)]));

describe('lanes with residuals', () => {
  it('are handed out once, by how many each worker computes at once', () => {
    const book = new ResidualBook(4);
    book.handOut([], 0);
    expect(book.owners).toBeNull();
    book.handOut([w0, w2], 3);
    expect(book.owners).toEqual([w0, w2, w2, w2]);
    book.handOut([w1], 4);
    expect([book.owners, book.origin]).toEqual([[w0, w2, w2, w2], 3]);
  });

  it('begin with nothing, and are known until their workers have computed them', () => {
    const book = new ResidualBook(2);
    expect(book.handedOut(-1, 0)).toBeUndefined();
    book.handOut([w0, w1], 5);
    expect([book.handedOut(5, 0), book.handedOut(4, 0), book.handedOut(5, 2)]).toEqual([null, undefined, undefined]);
    book.computed(0, [1]);
    expect([book.handedOut(5, 0), book.handedOut(5, 1)]).toEqual([null, undefined]);
    expect(book.away).toEqual([{ lane: 1, owner: w1 }]);
  });

  it('stay with their workers over a checkpoint while the same ones are there', () => {
    const book = new ResidualBook(2);
    book.handOut([w0, w1], 0);
    book.computed(0, [1]);
    expect(book.collected(told(1), [w1, w0])).toEqual([null, vector(11)]);
    expect([book.origin, book.away.length]).toEqual([0, 1]);
    book.handOut([w0, w1, w2], 1);
    expect(book.origin).toBe(0);
  });

  it('are handed out anew after a checkpoint where workers came or went', () => {
    const book = new ResidualBook(2);
    book.handOut([w0], 0);
    book.computed(0, [0, 1]);
    book.collected(told(0, 1), [w0, w1]);
    expect([book.owners, book.away]).toEqual([null, []]);
    book.handOut([w0, w1], 1);
    expect([book.owners, book.origin, book.handedOut(1, 1)]).toEqual([[w0, w1], 1, vector(11)]);
  });

  it('go back to those of a checkpoint', () => {
    const book = new ResidualBook(2);
    book.handOut([w0], 0);
    book.computed(0, [0, 1]);
    book.restore([vector(1), vector(2)]);
    book.handOut([w1], 6);
    expect([book.handedOut(6, 0), book.handedOut(6, 1)]).toEqual([vector(1), vector(2)]);
    expect(() => book.restore([vector(1)])).toThrow('1 residuals of 2 lanes');
  });

  it('keep the strikes of a step that was given up until it is done, and hear of those that live', () => {
    const book = new ResidualBook(1);
    const loss = { workerId: 'w0', processNonce: 'n', sinceMs: 0, why: 'cut', strike: 'open' as const };
    book.givenUp({ step: 4, failures: {}, losses: { 0: [loss] } } as unknown as LaneState);
    expect(book.strikesOf(4).losses[0]).toEqual([loss]);
    book.joined({ workerId: 'w0', processNonce: 'n' });
    expect(book.strikesOf(4).losses[0]?.[0]?.strike).toBe('taken back');
    expect(book.strikesOf(3)).toEqual({ failures: {}, losses: {} });
    book.computed(4, [0]);
    expect(book.strikesOf(4)).toEqual({ failures: {}, losses: {} });
  });
});
