import { describe, expect, it } from 'vitest';
import { dashboardOf, dashboardWords } from './dashboard.js';

describe('the address of the dashboard', () => {
  it('is that of a proxy where one is named, with nothing behind the port', () => {
    const of = (dashboardUrl?: string): string | undefined =>
      dashboardOf({ dashboard: true, dashboardUrl }).dashboardUrl?.href;
    expect([of(), of('https://train.example.org'), of('http://10.0.0.1:8080/')]).toEqual([
      undefined,
      'https://train.example.org/',
      'http://10.0.0.1:8080/',
    ]);
    for (const text of [
      '',
      'train.example.org',
      'ftp://x/',
      'https://x/path',
      'https://x/?a',
      'https://a:b@x/',
      'javascript:1',
    ])
      expect(() => of(text), text).toThrow('no http or https address');
  });

  it('stands first in a line, and not at all where it is switched off', () => {
    expect([dashboardWords('http://127.0.0.1:1/'), dashboardWords(null)]).toEqual([
      'dashboard http://127.0.0.1:1/  ',
      '',
    ]);
  });
});
