/** What a screen reader hears. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { announce } from './announce.js';

it('the same sentence is heard again: its region is empty in between', () => {
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
  for (const text of ['a is running', 'a is running']) {
    announce(text);
    vi.advanceTimersByTime(1000);
  }
  expect(heard).toEqual(['', 'a is running', '', 'a is running']);
});
