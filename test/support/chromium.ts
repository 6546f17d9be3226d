/** Pages in Chromium, for what only a browser shows. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

/** Where Debian puts it. */
const PROGRAM = process.env.LOCKSTEP_CHROMIUM ?? '/usr/bin/chromium';

/** Nothing but the pages of the test: no sandbox, which root has none of, and nothing sent home. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** An open page. */
export interface OpenPage {
  readonly page: Page;
  /** What the page complained of: errors of scripts and of the console, requests that failed. */
  readonly complaints: readonly string[];
  /** Addresses that it asked for beside its own. */
  readonly requests: readonly string[];
}

/** One browser for the tests of a file, with a new profile. @returns opens a page in a window of its own */
export function useChromium(): (url: string, options: BrowserContextOptions) => Promise<OpenPage> {
  let browser: Browser | null = null;
  beforeAll(async () => {
    if (!existsSync(PROGRAM)) {
      throw new Error(
        `There is no Chromium at ${PROGRAM}. Install it (apt-get install -y chromium), or set LOCKSTEP_CHROMIUM to its path.`,
      );
    }
    browser = await chromium.launch({ executablePath: PROGRAM, headless: true, args: FLAGS });
  });
  afterAll(() => browser?.close());
  return async (url, options) => {
    const page = await browser!.newPage(options);
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (message.type() !== 'log') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (request.url() !== url) requests.push(request.url());
    });
    await page.goto(url);
    return { page, complaints, requests };
  };
}

/** Whether a page is wider than its window. */
export function overflowsSideways(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}
