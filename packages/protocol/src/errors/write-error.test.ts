import { describe, expect, it } from 'vitest';
import { LockstepError } from './lockstep-error.js';
import { writeError } from './write-error.js';

const systemError = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

describe('a failed write', () => {
  it.each(['ENOSPC', 'EDQUOT'])('with %s is a full disk', (code) => {
    expect(writeError('/runs/a/model.onnx', systemError(code), { field: '--out', value: '/runs/a' })).toMatchObject({
      ...{ code: 'DISK_FULL', field: '--out', value: '/runs/a' },
      message: '/runs/a/model.onnx cannot be written: no space is left.',
    });
  });

  it('of another kind names the path and the reason', () => {
    expect(writeError('/store/x', systemError('EROFS'), { field: 'store' })).toMatchObject({
      ...{ code: 'OUTPUT_UNWRITABLE', field: 'store', value: '/store/x' },
      message: '/store/x cannot be written: EROFS: no',
    });
  });

  it('stays an error of the catalogue that it is already', () => {
    const own = new LockstepError('UPLOAD_MISMATCH');
    expect(writeError('/store/x', own, { field: 'store' })).toBe(own);
  });
});
