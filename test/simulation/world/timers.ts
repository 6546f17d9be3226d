/** node:timers/promises over the simulated timers. */

export function setTimeout<Value>(
  delayMs: number,
  value?: Value,
  { signal }: { readonly signal?: AbortSignal; readonly ref?: boolean } = {},
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = globalThis.setTimeout(() => resolve(value), delayMs);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Other work comes first, in no time. */
export async function setImmediate(): Promise<void> {}
