/** The header of W3C Trace Context that says which span a call was made in: https://www.w3.org/TR/trace-context/ */

/** A span of another process. */
export interface RemoteSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Version 00 has nothing after the flags; later ones may. */
const VERSION = '00';
const FORBIDDEN_VERSION = 'ff';

/** @returns null for what is none */
export function parseTraceparent(text: string): RemoteSpan | null {
  const [, version, traceId = '', spanId = '', flags = '', more] = FORM.exec(text.trim()) ?? [];
  if (version === undefined || version === FORBIDDEN_VERSION || (version === VERSION && more !== undefined))
    return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}
