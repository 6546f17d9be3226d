/** The report of a run in a browser: names that want to be more than text, curves that everybody can read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../packages/cli/src/render/report-page.ts';
import { scoreCurves } from '../../packages/coordinator/src/core/score-curves.ts';
import { overflowsSideways, useChromium } from '../support/chromium.ts';

const SCRIPT = '<script>window.ran = 1</script>';
const IMAGE = `"><img src=x onerror="window.ran = 2">'`;
const LABELS = [SCRIPT, IMAGE, 'a_very_long_label_without_a_blank'.repeat(5)];

const folder = mkdtempSync(join(tmpdir(), 'lockstep-report-'));
const url = pathToFileURL(join(folder, 'report.html')).href;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  const targets = Float32Array.from({ length: 30 }, (_, row) => row % 3);
  const outputs = Float32Array.from({ length: 90 }, (_, at) => (at % 3 === Math.floor(at / 3) % 3 ? 0.5 : 0.25));
  const curves = scoreCurves({ task: 'multiclass', width: 3, loss: 0, labels: LABELS, targets, outputs });
  const counts = LABELS.map((_, actual) => LABELS.map((_, predicted) => (actual === predicted ? 10 : 0)));
  const metrics = {
    test: { accuracy: 1, loss: 1e-7 },
    confusionMatrix: { labels: LABELS, counts },
    classes: LABELS.map((label) => ({ label, rows: 10, precision: 1, recall: null, f1: 1 })),
    ...{ averages: `mean of ${SCRIPT}`, rows: { train: 70, test: 30 }, epochs: 3, skippedSteps: 2 },
  };
  const historyCsv =
    'epoch,loss,validation_loss,learning_rate,seconds\n1,0.9,1,0.1,0.5\n2,0.5,,0.05,0.4\n3,0.2,0.4,0.01,0.3\n';
  const specYaml = `name: ${SCRIPT}\n`;
  const names = { job: `${SCRIPT}${IMAGE}`, parametersSha256: 'ab'.repeat(32) };
  const metricsJson = JSON.stringify(metrics);
  const processTimes = [
    {
      process: 'coordinator',
      steps: 30,
      phaseSeconds: { command: 0.5, compute: 6, reduce: 0.5, update: 1, broadcast: 0.5 },
    },
    { process: `${SCRIPT}${IMAGE}`, steps: 30, phaseSeconds: { parameters: 1, compute: 4, send: 0.25 } },
  ];
  const curvesJson = JSON.stringify(curves);
  const page = reportPage({ ...names, metricsJson, historyCsv, specYaml, curvesJson, processTimes });
  writeFileSync(join(folder, 'report.html'), page);
});

describe('the report of a run', () => {
  const open = useChromium();

  it.each([
    [390, 'light'],
    [1440, 'dark'],
  ] as const)('A33 shows hostile names as text, %i pixels wide and %s', async (width, colorScheme) => {
    const { page, complaints, requests } = await open(url, { viewport: { width, height: 900 }, colorScheme });
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect([...complaints, ...requests]).toEqual([]);
    expect(await page.title()).toBe(`${SCRIPT}${IMAGE}: report`);
    expect(await overflowsSideways(page)).toBe(false);
    await page.close();
  });

  it('says in words what each chart shows, beside tables of the same numbers', async () => {
    const { page } = await open(url, { viewport: { width: 1440, height: 900 } });
    const drawings = await page.getByRole('img').all();
    const charts = await Promise.all(drawings.map((each) => each.getAttribute('aria-label')));
    expect(charts).toHaveLength(7);
    expect(charts).toMatchObject([
      'loss, loss by epoch. loss: 3 values from 0.9 to 0.2; validation_loss: 2 values from 1 to 0.4',
      expect.stringMatching(/^learning rate, /),
      expect.stringMatching(/^seconds of an epoch, /),
      expect.stringMatching(/^ROC \(area\), true positive rate by false positive rate\. .*\(1\): 3 values from 0 to 1/),
      expect.stringMatching(/^Precision and recall/),
      expect.stringMatching(/^Calibration, .* 1 values from 1 to 1$/),
      `Seconds of each process by phase. coordinator: compute 6, reduce 0.5, update 1, broadcast 0.5; ${SCRIPT}${IMAGE}: parameters 1, compute 4, send 0.25`,
    ]);
    for (const name of ['Test rows', 'Classes', 'Confusion matrix'])
      expect(await page.getByRole('table', { name, exact: true }).count()).toBe(1);
    const phases = page.getByRole('table', { name: 'Seconds by phase', exact: true });
    expect(await phases.getByRole('cell').allTextContents()).toEqual([
      ...['30 steps', '', '6 (75 %)', '', '0.5 (6 %)', '1 (13 %)', '0.5 (6 %)', '0.5 (6 %)'],
      ...['30 steps', '1 (19 %)', '4 (76 %)', '0.25 (5 %)', '', '', '', ''],
    ]);
    await page.getByText('Every epoch as numbers').click();
    const epochs = page.getByRole('table', { name: 'Epochs', exact: true });
    expect(await epochs.getByRole('cell').allTextContents()).toEqual([
      ...['0.9', '1', '0.1', '0.5', '0.5', '', '0.05', '0.4', '0.2', '0.4', '0.01', '0.3'],
    ]);
    await page.close();
  });
});
