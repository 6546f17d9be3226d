import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fieldsOfSchema, fieldsOfText } from '../../../../test/support/proto-fields.js';
import { file_onnx } from './gen/onnx_pb.js';

describe('the generated ONNX schema', () => {
  it('is that of onnx.proto', () => {
    const written = fieldsOfText(readFileSync(new URL('./onnx.proto', import.meta.url), 'utf8'));
    expect(written.length).toBeGreaterThan(40);
    expect(fieldsOfSchema(file_onnx)).toEqual(written);
  });
});
