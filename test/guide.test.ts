/** What docs/guide/data.md shows is what the program says now. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { checkData, REJECTS_FILE, runPreparation } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, type ResolvedJobSpec } from '@lockstep/spec';
import { afterEach, describe, expect, it } from 'vitest';
import { renderFailure } from '../packages/cli/src/render/failure.ts';
import { rejectsLine } from '../packages/cli/src/render/summary.ts';

const guide = readFileSync(fileURLToPath(new URL('../docs/guide/data.md', import.meta.url)), 'utf8');
const BLOCKS = [...guide.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, kind, text]) => (kind ? [] : [text!]));

const folder = mkdtempSync(join(tmpdir(), 'lockstep-guide-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Settings = Readonly<Record<string, string>>;

/** Files by name, and what the spec says. */
interface Trouble {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly settings?: Settings;
}

const data = (content: string | Uint8Array, settings: Settings = {}): Trouble => ({
  files: { 'data.csv': content },
  settings,
});
const rows = (count: number, row: (at: number) => string): string =>
  `${Array.from({ length: count }, (_, at) => row(at)).join('\n')}\n`;

/** What each block that shows an error or a warning is of, in the order of the guide. */
const TROUBLES: readonly Trouble[] = [
  data('PAR1\x15\x04\x15\x08'),
  data(Buffer.from('age,city,y\n31,Malm\xf6,1\n', 'latin1')),
  data('a;b,y\n1;2,0\n3;4,1\n'),
  data(',a,y\n0,5,1\n1,6,0\n'),
  { files: { 'parts/a.csv': 'a,y\n1,0\n', 'parts/b.csv': 'a,city,y\n1,Oslo,0\n' } },
  data('age,city,y\n31,Oslo,1\n42,Rome,1,x\n27\n"55"5,Rome,1\n36,Oslo,0\n'),
  data('n,y\n1,0\nx,1\n3,0\n4,1\ninf,0\n6,1\n'),
  data('city,y\nOslo,1\n"  ",0\nRome,1\nOslo,0\n', { 'split.test': '0' }),
  data('price;y\n1.299,99;1\n12;0\n'),
  data('price;y\n1,299;1\n12;0\n'),
  data('active,y\nmaybe,1\nyes,0\n', { 'data.types': '{active: boolean}' }),
  data('at,y\n01/02/2024,1\n03/04/2024,0\n'),
  data('at,y\n2024-02-28,1\n2024-02-30,0\n2024-03-01,1\n'),
  data(`session,y\n${rows(20_000, (at) => `s-${at},${at % 2}`)}`),
  data(`day,area,y\n${rows(400, (at) => `${at},${at === 7 || at === 100 ? 90_000 : 50 + (at % 40)},${at}`)}`, {
    ...{ 'train.loss': 'mse', 'split.orderBy': 'day', 'data.ignore': '[day]' },
    'preprocess.outliers': '{method: iqr, action: drop}',
  }),
  data(
    `x,label\n${['yes', 'no', 'yes', 'no', 'yes', 'Yes', 'yes', 'no'].map((label, at) => `${at},${label}\n`).join('')}`,
    {
      'data.label': 'label',
    },
  ),
  data('x,y\n1,2.0\n2,\n3,nan\n4,inf\n5,10\n', { 'train.loss': 'mse' }),
  data('x,w,y\n1,0,0\n2,0,1\n3,0,0\n4,0,1\n', { 'data.weight': 'w' }),
];

function specOf(settings: Settings): ResolvedJobSpec {
  const loss = settings['train.loss'] ?? 'binaryCrossEntropy';
  const text = `
name: guide
data: {path: data.csv, label: y}
model: [{dense: {units: 1${loss === 'mse' ? '' : ', activation: sigmoid'}}}]
train: {loss: ${loss}}
`;
  const { spec, problems } = parseJobSpec(text, { overrides: settings });
  if (!spec) throw new Error(JSON.stringify(problems));
  return spec;
}

function written(files: Trouble['files']): { path: string; name: string }[] {
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return { path, name };
  });
}

/** What `lockstep validate` says of the data: an error, or its last warning. */
async function said({ files, settings = {} }: Trouble): Promise<string> {
  const spec = specOf(settings);
  try {
    const { warnings } = await checkData({ files: written(files), fileName: 'data.csv', spec });
    return `warning: ${warnings.at(-1)}\n`;
  } catch (thrown) {
    if (!(thrown instanceof LockstepError)) throw thrown;
    const stream = new PassThrough();
    renderFailure(thrown, stream);
    return stripVTControlCharacters(String(stream.read()));
  }
}

describe('the guide to data', () => {
  const shown = BLOCKS.filter((block) => /^(error|warning:) /.test(block));

  it('shows one trouble after another', () => {
    expect(shown).toHaveLength(TROUBLES.length);
  });

  it.each(shown.map((block, at) => [block.split('\n')[0]!.slice(0, 80), block, TROUBLES[at]!] as const))(
    'shows what is said: %s',
    async (_title, block, trouble) => {
      expect(await said(trouble)).toBe(block);
    },
  );

  it('shows the list of rows that were left out', async () => {
    const table = 'age,city,y\n31,Oslo,1\n42,Rome,0\nold,Oslo,1\n36,Rome,0\n27\n55,Oslo,1\n';
    const spec = specOf({ 'data.onBadRow': 'skip', 'split.test': '0' });
    const outDirectory = join(folder, 'prepared');
    const { rejects } = await runPreparation({
      files: written({ 'data.csv': table }),
      fileName: 'data.csv',
      spec,
      outDirectory,
    });
    expect(rejects).toEqual({ count: 2, byKind: { cellCount: 1, notANumber: 1 } });
    const list = readFileSync(join(outDirectory, REJECTS_FILE), 'utf8');
    expect(guide).toContain(`\nrejects    ${rejectsLine(rejects!)}\n`);
    expect(BLOCKS.find((block) => block.startsWith('file,line'))).toBe(list);
  });
});
