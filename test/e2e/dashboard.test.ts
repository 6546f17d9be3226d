/** The web page of a coordinator that runs: a job live, through the coordinator's end and start, cancelled by a click. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useChromium } from '../support/chromium.ts';
import { lastJson, lockstep, ROOT, scratch } from '../support/lockstep.ts';
import { freePort, startNatsServer } from '../support/nats-server.ts';
import { startCoordinator, startWorker } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
/** What the page can do nothing about while nobody listens. */
const NOBODY_THERE = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;

describe('the web page of a coordinator', () => {
  const open = useChromium();

  it('follows a job across a restart, to its cancellation', async () => {
    const nats = await startNatsServer();
    const [port, metricsPort] = [await freePort(), await freePort()];
    const place = { nats: nats.address, port, store: join(scratch(), 'store') };
    const again = { ...place, extra: ['--metrics-port', String(metricsPort)] };
    const first = await startCoordinator(again);
    await startWorker('north', first.address);
    const options = ['--workers', '1', '--set', 'train.epochs=20000', '--server', first.address, '--no-wait', '--json'];
    const { job } = lastJson(await lockstep(['submit', SPEC, ...options]));

    const viewport = { width: 1440, height: 900 };
    const { page, complaints } = await open(`http://127.0.0.1:${metricsPort}/`, { viewport });
    await page.getByRole('link', { name: 'breast-cancer' }).click();
    expect(new URL(page.url()).pathname).toBe(`/jobs/${job}`);
    const stepsShown = async (): Promise<number> =>
      Number(/(\d+) of/.exec((await page.locator('.facts dd').first().textContent()) ?? '')?.[1]);
    const lossValues = async (): Promise<number> => {
      const text = await page.getByRole('img', { name: /^Training loss/ }).getAttribute('aria-label');
      return Number(/train: (\d+) values/.exec(text ?? '')?.[1]);
    };
    await expect.poll(lossValues, { timeout: 30_000 }).toBeGreaterThan(3);
    await page.getByRole('heading', { name: "Where a step's time goes" }).waitFor();
    await page
      .getByRole('row', { name: /^north/ })
      .first()
      .waitFor();
    const before = await stepsShown();

    await first.end('SIGKILL');
    await page.getByText('Connection to the coordinator lost.').waitFor();
    const second = await startCoordinator(again);
    expect(second.address).toBe(first.address);
    await page.getByText('Connection to the coordinator lost.').waitFor({ state: 'detached' });
    await expect.poll(stepsShown, { timeout: 60_000 }).toBeGreaterThan(before);

    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByLabel(/^Why/).fill('seen enough');
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.locator('h1 + .state.cancelled').waitFor();
    await page.getByText('seen enough').first().waitFor();
    const { stdout } = await lockstep(['describe', job, '--server', second.address, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'cancelled', reason: expect.stringContaining('seen enough') });
    expect(complaints.filter((text) => !NOBODY_THERE.test(text))).toEqual([]);
    await page.close();
  });
});
