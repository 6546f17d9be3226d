/** Small tables and specs for tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColumnSpec, Task } from '@lockstep/spec';
import { afterEach } from 'vitest';
import type { PrepareRequest } from '../prepare-request.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-data-'));
  folders.push(folder);
  return folder;
}

/** Writes a file that is gone after the test. @returns its path */
export function tableFile(content: string | Uint8Array, name = 'data.csv'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** What a test says about a spec; the rest is the schema's defaults. */
export interface SpecParts {
  readonly data?: Partial<PrepareRequest['spec']['data']>;
  readonly split?: Partial<PrepareRequest['spec']['split']>;
  readonly preprocess?: Partial<Omit<PrepareRequest['spec']['preprocess'], 'columns'>>;
  readonly columns?: Readonly<Record<string, ColumnSpec>>;
  readonly task?: Task;
  readonly train?: PrepareRequest['spec']['train'];
}

/** The parts of a resolved spec that preparation reads. */
export function specOf({
  data,
  split,
  preprocess,
  columns = {},
  task = 'binary',
  train = {},
}: SpecParts = {}): PrepareRequest['spec'] {
  const nulls = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', '?'];
  const labels = { trim: true, foldCase: false, onUnusable: 'fail' } as const;
  return {
    data: {
      ...{ path: 'data.csv', format: 'auto', encoding: 'auto', quote: '"', onBadRow: 'fail' },
      ...{ label: 'y', labels, ignore: [], types: {}, dateFormats: {}, timeZone: 'UTC' },
      ...{ decimal: '.', thousands: '', nulls },
      ...data,
    },
    split: { test: 0.2, validation: 0, seed: 42, stratify: task !== 'regression', ...split },
    preprocess: {
      missing: 'mean',
      missingText: 'category',
      fill: 0,
      fillText: 'missing',
      neighbors: 5,
      indicator: false,
      scale: 'standard',
      encode: 'oneHot',
      unknown: 'ignore',
      maxCategories: 1000,
      ...preprocess,
      columns: { ...columns },
    },
    task,
    train,
  };
}

/** A request to prepare a file, or a table given as text. */
export function requestFor(content: string | { readonly path: string }, parts?: SpecParts): PrepareRequest {
  const source = typeof content === 'string' ? tableFile(content) : content.path;
  const files = [{ path: source, name: 'data.csv' }];
  return { files, fileName: 'data.csv', spec: specOf(parts), outDirectory: join(temporaryFolder(), 'prepared') };
}
