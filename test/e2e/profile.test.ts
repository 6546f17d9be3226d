/** `lockstep profile` from the command line: text, JSON, page, and what it refuses. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lastJson, lockstep, scratch } from '../support/lockstep.ts';

/** A folder with a table of 40 rows: an id, a number, a column named like a script, and a label. */
function tableFolder(): string {
  const folder = scratch();
  const rows = Array.from(
    { length: 40 },
    (_, row) => `C${row},${(row * 7) % 11}.5,${row % 3},${row % 2 ? 'yes' : 'no'}`,
  );
  writeFileSync(join(folder, 'data.csv'), `id,a,<script>,y\n${rows.join('\n')}\n`);
  return folder;
}

describe('profile', () => {
  it('prints a table and what to do, with the line for the spec', async () => {
    const { code, stdout, stderr } = await lockstep(['profile', 'data.csv', '--label', 'y'], { cwd: tableFolder() });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('data.csv  40 rows (0 repeated), 4 columns');
    expect(stdout).toContain('classes of y: no 20 (50.0 %), yes 20 (50.0 %)');
    expect(stdout).toContain('data: { ignore: [id] }');
  });

  it('writes one page and one JSON object', async () => {
    const folder = tableFolder();
    const result = await lockstep(['profile', 'data.csv', '--json', '--html', 'p.html'], { cwd: folder });
    expect(result.code, result.stderr).toBe(0);
    expect(lastJson(result)).toMatchObject({
      ...{ rowCount: 40, label: null, html: join(folder, 'p.html') },
      findings: [{ kind: 'identifier', column: 'id', yaml: 'data: { ignore: [id] }' }],
    });
    const page = readFileSync(join(folder, 'p.html'), 'utf8');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script');
  });

  it.each([
    [['data.csv', '--label', 'z'], 'DATA_COLUMN_NOT_FOUND', '--label'],
    [['none.csv'], 'DATA_NOT_FOUND', 'DATA'],
    [['data.csv', '--html', 'data.csv'], 'USAGE', '--html'],
    [['data.csv', '--html', '.'], 'OUTPUT_UNWRITABLE', '--html'],
  ])('refuses %j', async (args, code, field) => {
    const result = await lockstep(['profile', ...args, '--json'], { cwd: tableFolder() });
    expect([result.code, lastJson(result).error]).toEqual([2, expect.objectContaining({ code, field })]);
  });
});
