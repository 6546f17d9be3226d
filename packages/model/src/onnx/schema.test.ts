import { readFileSync } from 'node:fs';
import type { DescMessage } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { file_onnx } from './gen/onnx_pb.js';

/** Fields of every message as the .proto text has them: "TensorProto.dims = 1". */
function fieldsOfText(text: string): string[] {
  const path: string[] = [];
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const opened = /^\s*(message|enum|oneof) (\w+) \{/.exec(line);
    if (opened) path.push(opened[1] === 'message' ? opened[2]! : '');
    else if (/^\s*\}/.test(line)) path.pop();
    const field = /^\s*(?:optional |repeated |)[\w.]+ (\w+) = (\d+)/.exec(line);
    if (field && path.length > 0) found.push(`${path.filter(Boolean).join('.')}.${field[1]} = ${field[2]}`);
  }
  return found;
}

function fieldsOf(message: DescMessage): string[] {
  const name = message.typeName.replace(/^onnx\./, '');
  const own = message.fields.map((field) => `${name}.${field.name} = ${field.number}`);
  return [...own, ...message.nestedMessages.flatMap(fieldsOf)];
}

describe('the generated ONNX schema', () => {
  it('is that of onnx.proto', () => {
    const text = readFileSync(new URL('./onnx.proto', import.meta.url), 'utf8');
    const written = fieldsOfText(text);
    expect(written.length).toBeGreaterThan(40);
    expect(file_onnx.messages.flatMap(fieldsOf).sort()).toEqual(written.sort());
  });
});
