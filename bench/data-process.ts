/** Entry of a process that reads or prepares one table and says what it took. */
import { openSource, runPreparation } from '@lockstep/data';
import { parseJobSpec } from '@lockstep/spec';

const SPEC = `data: {path: table.csv, label: y, ignore: [id]}
model: [{dense: {units: 1, activation: sigmoid}}]
train: {loss: binaryCrossEntropy}`;
const BYTES_PER_KILOBYTE = 1024;

/** Every column typed: as numbers, or as texts where its first cell is none. */
async function read(path: string): Promise<void> {
  const table = await openSource({ files: [{ path, name: 'table.csv' }], nulls: ['', 'NA'] });
  let isText: readonly boolean[] | undefined;
  for await (const chunk of table.chunks()) {
    isText ??= table.columns.map((_, column) => Number.isNaN(chunk.numbers(column)[0]));
    for (const [column, text] of isText.entries()) {
      if (text) chunk.coded(column);
      else chunk.numbers(column);
    }
  }
}

async function prepare(path: string, outDirectory: string): Promise<void> {
  const { spec } = parseJobSpec(SPEC);
  if (!spec) throw new Error('the spec of the bench is wrong');
  await runPreparation({ files: [{ path, name: 'table.csv' }], fileName: 'table.csv', spec, outDirectory });
}

const [work, path = '', outDirectory = ''] = process.argv.slice(2);
if (work) {
  const start = performance.now();
  await (work === 'read' ? read(path) : prepare(path, outDirectory));
  const seconds = (performance.now() - start) / 1000;
  process.send?.({ seconds, peakMb: (process.resourceUsage().maxRSS * BYTES_PER_KILOBYTE) / 1e6 }, () =>
    process.exit(0),
  );
}
