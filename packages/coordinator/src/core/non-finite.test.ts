import { atOnce, PIECE_ELEMENTS } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { firstNotFinite, MAX_REWINDS, MAX_SKIPPED_IN_A_ROW, NONE_SKIPPED, verdictOn } from './non-finite.js';

describe('a step that is not finite', () => {
  const fresh = { skipped: NONE_SKIPPED, rewound: new Set<number>() };

  it('ends the job unless the spec says otherwise', () => {
    expect(verdictOn('stop', 7, fresh)).toBe('stop');
    expect(verdictOn('skip', 7, fresh)).toBe('skip');
  });

  it('is gone back for once, and skipped when it is bad again', () => {
    expect(verdictOn('rewind', 7, fresh)).toBe('rewind');
    expect(verdictOn('rewind', 7, { ...fresh, rewound: new Set([7]) })).toBe('skip');
    expect(verdictOn('rewind', 8, { ...fresh, rewound: new Set([7]) })).toBe('rewind');
  });

  it('is gone back for a bounded number of times', () => {
    const rewound = new Set(Array.from({ length: MAX_REWINDS }, (_, step) => step));
    expect(verdictOn('rewind', 99, { ...fresh, rewound })).toBe('skip');
  });

  it('ends the job after too many in a row', () => {
    const skipped = { total: 12, inARow: MAX_SKIPPED_IN_A_ROW };
    expect(verdictOn('skip', 7, { ...fresh, skipped })).toBe('stop');
    expect(verdictOn('rewind', 7, { skipped, rewound: new Set([7]) })).toBe('stop');
    expect(verdictOn('skip', 7, { ...fresh, skipped: { total: 99, inARow: MAX_SKIPPED_IN_A_ROW - 1 } })).toBe('skip');
  });

  it('is found at its first element', () => {
    const long = new Float32Array(2 * PIECE_ELEMENTS).fill(Number.NaN, PIECE_ELEMENTS + 1);
    expect(atOnce(firstNotFinite(long))).toBe(PIECE_ELEMENTS + 1);
    expect(atOnce(firstNotFinite(Float32Array.of(1, 2)))).toBe(2);
    expect(atOnce(firstNotFinite(Float32Array.of(1, Number.NEGATIVE_INFINITY, Number.NaN)))).toBe(1);
  });
});
