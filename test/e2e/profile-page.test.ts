/** The page of `lockstep profile --html` in a browser: of a table whose names and cells want to be more than text. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profilePage } from '../../packages/cli/src/render/profile-page.ts';
import { profileTable } from '../../packages/data/src/profile-table.ts';
import { overflowsSideways, useChromium } from '../support/chromium.ts';

const SCRIPT = '<script>window.ran = 1</script>';
const IMAGE = `"><img src=x onerror="window.ran = 2">'`;
const LONG = `</title></style></table>${'a_very_long_name_without_a_blank'.repeat(6)}`;
const NAMES = [SCRIPT, IMAGE, LONG, 'amount', 'twin'];

const folder = mkdtempSync(join(tmpdir(), 'lockstep-page-'));
const url = pathToFileURL(join(folder, 'page.html')).href;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const quoted = (cell: string | number): string => `"${String(cell).replaceAll('"', '""')}"`;

beforeAll(async () => {
  const rows = Array.from({ length: 60 }, (_, row) => [
    ...[row % 3 ? SCRIPT : IMAGE, `${IMAGE}${row}`, row % 2 ? LONG : 'short'],
    ...[row % 7 ? row * 1.5 : '', row * 3, row % 5 ? `${SCRIPT} no` : '&amp; yes'],
  ]);
  const path = join(folder, 'data.csv');
  const label = 'the <b>label</b>';
  writeFileSync(path, [[...NAMES, label], ...rows].map((cells) => `${cells.map(quoted).join(',')}\n`).join(''));
  const name = `${SCRIPT}${IMAGE}.csv`;
  writeFileSync(join(folder, 'page.html'), profilePage(await profileTable({ files: [{ path, name }], name, label })));
});

describe('the page of a profile', () => {
  const open = useChromium();

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('shows hostile names as text, %i pixels wide and %s', async (width, colorScheme) => {
    const { page, complaints, requests } = await open(url, { viewport: { width, height: 900 }, colorScheme });
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect([...complaints, ...requests]).toEqual([]);
    expect(await page.title()).toBe(`${SCRIPT}${IMAGE}.csv: profile`);
    expect(await overflowsSideways(page)).toBe(false);
    await page.close();
  });

  it('has headings in their order, tables with names, and a head for each row', async () => {
    const { page } = await open(url, { viewport: { width: 1440, height: 900 } });
    const headings = await page.getByRole('heading').allTextContents();
    expect(headings).toEqual([
      `${SCRIPT}${IMAGE}.csv`,
      ...['Findings', 'Classes of the <b>label</b>', 'Columns', 'What says much of each other'],
    ]);
    for (const name of headings.slice(2)) expect(await page.getByRole('table', { name, exact: true }).count()).toBe(1);
    expect(await page.getByRole('table').count()).toBe(3);
    const columns = page.getByRole('table', { name: 'Columns', exact: true });
    expect(await columns.getByRole('rowheader').allTextContents()).toEqual([...NAMES, 'the <b>label</b>']);
    expect(await columns.getByRole('columnheader').allTextContents()).toContain('median');
    expect(await columns.getByRole('img', { name: 'Bars of amount' }).count()).toBe(1);
    await page.close();
  });

  it('scrolls a table that is wider than the window by itself, with the keyboard too', async () => {
    const { page } = await open(url, { viewport: { width: 390, height: 900 } });
    const columns = page.getByRole('region', { name: 'Columns', exact: true });
    await columns.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.evaluate('document.activeElement.scrollLeft > 0')).toBe(true);
    await page.close();
  });
});
