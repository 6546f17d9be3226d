/** The coordinator's web page in a browser: what people click, type and hear, and what it does when the coordinator goes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { overflowsSideways, useChromium } from '../support/chromium.ts';
import { FakeDashboardServer } from '../support/fake-dashboard-server.ts';
import { activityOf, connectedWorker, eventsTo, runningJob } from '../support/scripted-run.ts';

const NOW = Date.now() / 1000;
const WIDE = { viewport: { width: 1440, height: 900 } } as const;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function served(): Promise<FakeDashboardServer> {
  const server = new FakeDashboardServer();
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}

/** A server with a job that has done some steps. */
async function withRun(step = 90): Promise<FakeDashboardServer> {
  const server = await served();
  server.workers = [connectedWorker('gpu-1', 'churn-k3x9', 'busy'), connectedWorker('gpu-2', '', 'silent')];
  server.put(runningJob('churn-k3x9', NOW - 60, step));
  server.event('churn-k3x9', ...eventsTo(step, NOW - 60));
  server.activity('churn-k3x9', activityOf(step));
  return server;
}

/** What axe finds wrong, in its words. The page's own policy lets no script in but its own; evaluate is not bound to it. */
async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate(`axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`) as Promise<
    string[]
  >;
}

/** Height of a text in the chart's description: how many values a curve has. */
async function lossText(page: Page): Promise<string> {
  return (await page.getByRole('img', { name: /^Training loss/ }).getAttribute('aria-label')) ?? '';
}

describe('the web page', () => {
  const open = useChromium();

  it('says how to submit a first job', async () => {
    const server = await served();
    const { page, complaints } = await open(server.url, WIDE);
    await page.getByText('No jobs yet.').waitFor();
    expect(await page.getByText('lockstep submit job.yaml').isVisible()).toBe(true);
    await page.getByRole('link', { name: 'Workers' }).click();
    await page.getByText('No worker is connected.').waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([
    [390, 'light'],
    [1440, 'dark'],
  ] as const)('shows a job that runs, %i pixels wide and %s, without barriers', async (width, colorScheme) => {
    const server = await withRun();
    const { page, complaints } = await open(server.url, { viewport: { width, height: 900 }, colorScheme });
    await page.getByRole('link', { name: 'churn' }).click();
    await page.getByRole('img', { name: /^Accuracy by epoch/ }).waitFor();
    expect(await lossText(page)).toMatch(/^Training loss. train: 90 values from 0.7\d+ to 0.1\d+, lowest/);
    expect(await page.getByRole('heading', { name: "Where a step's time goes" }).isVisible()).toBe(true);
    expect(await overflowsSideways(page)).toBe(false);
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('link', { name: 'Workers', exact: true }).click();
    await page.getByText('no heartbeat for 21 s').waitFor();
    expect(await overflowsSideways(page)).toBe(false);
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
