/** Tests of what the header is taken for: the examples and rules of W3C Trace Context. */
import { expect, it } from 'vitest';
import { parseTraceparent } from './traceparent.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

it('reads trace, span and flags, also of a later version with more after them', () => {
  const read = { traceId: TRACE, spanId: SPAN, traceFlags: 1 };
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual(read);
  expect(parseTraceparent(` 00-${TRACE}-${SPAN}-01\n`)).toEqual(read);
  expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes`)).toEqual(read);
});

it.each([
  ['', 'nothing'],
  [`00-${TRACE}-${SPAN}`, 'no flags'],
  [`00-${TRACE}-${SPAN}-01-more`, 'more than version 00 has'],
  [`ff-${TRACE}-${SPAN}-01`, 'a version that there never is'],
  [`00-${'0'.repeat(32)}-${SPAN}-01`, 'no trace'],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, 'no span'],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`, 'capital letters'],
  [`00-${TRACE}-${SPAN}-01;rm`, 'something else'],
])('takes %j for none: %s', (text) => {
  expect(parseTraceparent(text)).toBeNull();
});
