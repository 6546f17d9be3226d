import { describe, expect, it } from 'vitest';
import { unreadableCsv } from './csv-error.js';

describe('what DuckDB says', () => {
  it('of memory that is used up becomes the limit and what to do', () => {
    const said = new Error('Out of Memory Error: failed to allocate data of size 32.0 KiB (953.6 MiB/953.6 MiB used)');
    const file = {
      path: '/store/abc',
      fileName: 'wide.csv',
      columnCount: 9999,
      lineOfRecord: (record: number) => record,
    };
    expect(unreadableCsv(file, said)).toMatchObject({
      ...{ code: 'DATA_TOO_LARGE', field: 'data.path', value: '9999 columns' },
      message: 'wide.csv with 9999 columns takes more memory to read than the limit of 2GB.',
      fix: expect.stringContaining('Keep the columns that matter'),
    });
  });
});
