/** What a screen reader hears. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { announce } from './announce.js';

/** What the region has held, in order. */
function listen(): readonly string[] {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  onTestFinished(() => void vi.unstubAllGlobals());
  const heard: string[] = [];
  const region = {
    set textContent(text: string) {
      heard.push(text);
    },
  };
  vi.stubGlobal('document', { getElementById: () => region });
  return heard;
}

it('the same sentence is heard again: its region is empty in between', () => {
  const heard = listen();
  for (const text of ['a is running', 'a is running']) {
    announce(text);
    vi.advanceTimersByTime(1000);
  }
  expect(heard).toEqual(['', 'a is running', '', 'a is running']);
});

it('several sentences at once are all heard, each once', () => {
  const heard = listen();
  for (const text of ['The step waits', 'a is running', 'a is running']) announce(text);
  vi.advanceTimersByTime(1000);
  expect(heard.at(-1)).toBe('The step waits. a is running');
});
