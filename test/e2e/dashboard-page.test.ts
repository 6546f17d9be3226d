/** The coordinator's web page in a browser: what people click, type and hear, and what it does when the coordinator goes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { overflowsSideways, useChromium } from '../support/chromium.ts';
import { FakeDashboardServer } from '../support/fake-dashboard-server.ts';
import { activityOf, connectedWorker, eventsTo, runningJob, scriptedJob } from '../support/scripted-run.ts';

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

/** The curve of the loss as a screen reader has it. */
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

  it('goes on where it was after the coordinator was gone, without a point twice, and says so meanwhile', async () => {
    const server = await withRun(90);
    const { page } = await open(`${server.url}/jobs/churn-k3x9`, WIDE);
    await expect.poll(() => lossText(page)).toContain('train: 90 values');
    await server.stop();
    await page.getByText('Connection to the coordinator lost.').waitFor();
    await server.start();
    await page.getByText('Connection to the coordinator lost.').waitFor({ state: 'detached' });
    server.event('churn-k3x9', ...eventsTo(95, NOW - 60).slice(-5));
    await expect.poll(() => lossText(page)).toContain('train: 95 values');
    const [rewound] = eventsTo(95, NOW)
      .slice(-1)
      .map((event) => ({ ...event, sequence: 900, stepsCommitted: null }));
    server.event('churn-k3x9', { ...rewound, rewound: { toStep: 50 } });
    await expect.poll(() => lossText(page)).toContain('train: 50 values');
    expect(await page.getByText('went back to step 50').isVisible()).toBe(true);
    await page.close();
  });

  it('names who a stalled step waits for, until it no longer does', async () => {
    const server = await withRun();
    const { page } = await open(`${server.url}/jobs/churn-k3x9`, WIDE);
    const stall = {
      workerId: 'gpu-2',
      lanes: [2, 3],
      phase: 'compute',
      waitedSeconds: 12.4,
      deadlineSeconds: 5,
      reason: '',
    };
    server.activity('churn-k3x9', activityOf(90, stall));
    const banner = page.locator('.banner').filter({ hasText: 'The step waits for worker gpu-2' });
    await banner.waitFor();
    expect(await banner.textContent()).toBe(
      'The step waits for worker gpu-2, lanes 2-3, in phase compute, for 12 s (deadline 5.0 s).',
    );
    const announcer = page.locator('#announcer');
    await expect.poll(() => announcer.textContent()).toContain('The step waits for worker gpu-2, in phase compute');
    server.activity('churn-k3x9', activityOf(91));
    await banner.waitFor({ state: 'detached' });
    await page.close();
  });

  it('cancels a job with the keyboard alone, with a reason', async () => {
    const server = await withRun();
    const { page, complaints } = await open(`${server.url}/jobs/churn-k3x9`, WIDE);
    await page.getByRole('button', { name: 'Cancel job' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel job');
    await page.keyboard.press('Enter');
    await page.keyboard.type('wrong data');
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('cancelled: wrong data').first().waitFor();
    expect(server.posted).toEqual([{ path: '/api/jobs/churn-k3x9/cancel', body: { reason: 'wrong data' } }]);
    expect(await page.getByRole('button', { name: 'Cancel job' }).count()).toBe(0);
    await expect.poll(() => page.locator('#announcer').textContent()).toContain('churn is cancelled');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('asks for a token, says why one is refused, and asks again once the session is over', async () => {
    const server = await withRun();
    server.token = 'right';
    const { page } = await open(server.url, WIDE);
    await page.getByLabel('Token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('This token is not known.').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('Token').fill('right');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'churn' }).waitFor();
    server.isLoggedIn = false;
    await server.stop();
    await server.start();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.close();
  });

  it('is walked with Tab and Enter, shows all jobs, filters events, and keeps a choice of colours', async () => {
    const server = await served();
    for (const name of ['old', 'older', 'oldest']) server.put(scriptedJob(`${name}-1`, NOW - 900));
    server.put(runningJob('churn-k3x9', NOW - 60, 30));
    server.event('churn-k3x9', ...eventsTo(30, NOW - 60));
    const { page } = await open(server.url, WIDE);
    await page.getByRole('button', { name: 'Load older jobs' }).click();
    await expect.poll(() => page.getByRole('rowheader').count()).toBe(4);
    await page.reload();
    await page.getByRole('link', { name: 'churn' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.getByRole('link', { name: 'churn' }).focus();
    await page.keyboard.press('Enter');
    const list = page.getByRole('region', { name: 'List of events' });
    await expect.poll(() => list.getByRole('listitem').count()).toBe(6);
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await page.getByLabel('Only warnings').press('Space');
    expect(await list.getByRole('listitem').allTextContents()).toEqual([expect.stringContaining('one value in all')]);
    await page.getByLabel('Search in events').fill('epoch');
    expect(await list.getByRole('listitem').count()).toBe(0);
    await page.getByLabel('Colours').selectOption('dark');
    const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await background()).toBe('rgb(21, 24, 28)');
    await page.reload();
    await expect.poll(background).toBe('rgb(21, 24, 28)');
    await page.goBack();
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    await page.goForward();
    await list.waitFor();
    await page.getByLabel('Only warnings').focus();
    await page.goBack();
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('content');
    await page.close();
  });

  it('keeps older jobs up to date, says of how many it speaks, and goes on where a page is gone', async () => {
    const server = await served();
    server.put(runningJob('oldest-1', NOW - 900, 20));
    for (const name of ['older', 'old', 'new', 'newest']) {
      server.put(scriptedJob(`${name}-1`, NOW - 600, { state: 'JOB_STATE_CANCELLED' }));
    }
    const { page } = await open(server.url, WIDE);
    const summary = page.locator('.summary');
    await expect.poll(() => summary.textContent()).toContain('None of the newest 2 waits or runs');
    const more = page.getByRole('button', { name: 'Load older jobs' });
    await more.click();
    await expect.poll(() => page.getByRole('rowheader').count()).toBe(4);
    expect(await summary.textContent()).toContain('None of the newest 4');
    // The next page would begin with it.
    server.drop('oldest-1');
    server.put(runningJob('last-1', NOW, 40));
    await page.getByRole('link', { name: 'last' }).waitFor();
    await more.click();
    await expect.poll(() => page.getByRole('rowheader').count()).toBe(5);
    server.put(runningJob('older-1', NOW - 600, 50));
    await expect.poll(() => summary.textContent(), { timeout: 15_000 }).toContain('2 not ended');
    server.put(runningJob('older-1', NOW - 600, 100));
    const row = page.getByRole('row', { name: /older-1/ });
    await expect.poll(() => row.textContent(), { timeout: 15_000 }).toContain('50 %');
    await page.close();
  });

  it('keeps the place of whoever loads older jobs with the keyboard, and of whoever comes back to them', async () => {
    const server = await served();
    for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(scriptedJob(`${name}-1`, NOW - 600));
    const { page } = await open(server.url, { viewport: { width: 1440, height: 300 } });
    const more = page.getByRole('button', { name: 'Load older jobs' });
    await more.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('#announcer').textContent()).toBe('4 jobs shown');
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Load older jobs');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('content');
    expect(await page.getByRole('button', { name: /^Load/ }).count()).toBe(0);
    await page.getByRole('link', { name: 'a', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'a' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Jobs' }).waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(5);
    await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(50);
    await page.close();
  });

  it('shows on a phone how far a job is, however long its name and its namespace are', async () => {
    const server = await served();
    const name = 'a-name-that-nobody-has-thought-of-screens-with'.repeat(3);
    server.put(scriptedJob('other-1', NOW - 600));
    server.put({ ...runningJob('long-1', NOW - 60, 90), name, namespace: 'team-of-the-far-away-department' });
    const { page } = await open(server.url, { viewport: { width: 390, height: 900 } });
    const row = page.getByRole('row', { name });
    await row.getByText('team-of-the-far-away-department').first().waitFor();
    const box = await row.getByText('45 %').boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 390)).toBeLessThan(390);
    expect((await row.boundingBox())?.height).toBeLessThan(300);
    expect(await overflowsSideways(page)).toBe(false);
    expect(await barriers(page)).toEqual([]);
    await page.close();
  });

  it('asks for what a job has left until it is there', async () => {
    const server = await withRun(200);
    const { page } = await open(`${server.url}/jobs/churn-k3x9`, WIDE);
    await page.getByText('Resolved spec').waitFor();
    server.failing = 2;
    const processTimes = [{ process: 'coordinator', steps: 200, phaseSeconds: { compute: 2.4, update: 0.2 } }];
    const result = { parametersSha256: 'ab12', lanes: 4, testMetrics: { accuracy: 0.91 }, processTimes };
    const reason = 'trained 200 steps';
    server.put({ ...runningJob('churn-k3x9', NOW - 60, 200), state: 'JOB_STATE_SUCCEEDED', reason, result });
    server.end('churn-k3x9');
    await page.getByText('Means over all steps.').waitFor();
    expect(server.failing).toBe(0);
    await page.close();
  });

  it('shows a job that failed with its fix, and says when a job is gone', async () => {
    const server = await served();
    const failure = { code: 'DIVERGED', message: 'The loss is NaN at step 41.', fix: 'Lower the learning rate.' };
    const name = '<img src=x onerror=alert(1)>';
    server.put({ ...runningJob('fraud-1', NOW, 41), name, state: 'JOB_STATE_FAILED', reason: 'NaN', failure });
    server.end('fraud-1');
    const { page, complaints } = await open(`${server.url}/jobs/fraud-1`, WIDE);
    await page.getByText('Lower the learning rate.').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(name);
    expect(await page.getByRole('button', { name: 'Cancel job' }).count()).toBe(0);
    expect(complaints).toEqual([]);
    server.drop('fraud-1');
    await page.reload();
    await page.getByText('There is no job fraud-1.').waitFor();
    await page.close();
  });
});
