import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, GraphBuilder, MODEL_FORMAT, seal } from '@lockstep/model';
import { afterAll, describe, expect, it } from 'vitest';
import { readModelFile } from './model-file.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-model-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function modelWith(metadata: Readonly<Record<string, string>>): string {
  const builder = new GraphBuilder('m');
  builder.input('x', 'float32', ['N', 1]);
  builder.output('y', 'float32', ['N', 1], 'x');
  const path = join(folder, 'model.onnx');
  writeFileSync(path, encodeModel(builder.build(), { metadata }));
  return path;
}

describe('a model file', () => {
  it('is read with what training wrote beside the graph', async () => {
    const plan = { columns: [], label: 'y', nulls: [] };
    const path = modelWith({ 'lockstep.format': MODEL_FORMAT, 'lockstep.schema': JSON.stringify(plan) });
    expect(await readModelFile(path)).toMatchObject({ plan, labels: [] });
  });

  it('of another format is refused with both formats named', async () => {
    const path = modelWith({ 'lockstep.format': '1', 'lockstep.schema': '{}' });
    await expect(readModelFile(path)).rejects.toMatchObject({
      code: 'MODEL_UNREADABLE',
      message: `model.onnx has format 1; this version of lockstep reads format ${MODEL_FORMAT}.`,
      fix: 'Train it again, or use the version that wrote it.',
    });
  });

  it('with a seal is read as it was written, and refused with any byte changed or added', async () => {
    const path = modelWith({ 'lockstep.format': MODEL_FORMAT, 'lockstep.schema': '{"columns":[]}' });
    const body = readFileSync(path);
    const sealed = Buffer.concat([body, seal(createHash('sha256').update(body).digest('hex'))]);
    writeFileSync(path, sealed);
    expect(await readModelFile(path)).toMatchObject({ plan: { columns: [] } });
    const spoilt = Buffer.from(sealed);
    spoilt[spoilt.indexOf('columns')] = 'C'.charCodeAt(0);
    for (const bytes of [spoilt, Buffer.concat([sealed, body.subarray(0, 2)])]) {
      writeFileSync(path, bytes);
      await expect(readModelFile(path)).rejects.toMatchObject({
        code: 'MODEL_UNREADABLE',
        message: 'model.onnx is damaged: its bytes are not those that training wrote.',
      });
    }
  });

  it('that is not there is said so, with the one that is near', async () => {
    mkdirSync(join(folder, 'runs/job'), { recursive: true });
    const there = join(folder, 'runs/job/model.onnx');
    writeFileSync(there, '');
    for (const [path, fix] of [
      ['runs/job/modell.onnx', there],
      ['runs/jb/model.onnx', there],
      ['runs/joob', there],
      ['elsewhere/model.onnx', null],
    ] as const) {
      const wanted = join(folder, path);
      await expect(readModelFile(wanted)).rejects.toMatchObject({
        ...{ code: 'MODEL_NOT_FOUND', field: 'MODEL', value: wanted, message: `There is no model ${wanted}.` },
        fix: fix ? `Did you mean ${fix}?` : 'Check the path; train leaves model.onnx in its folder.',
      });
    }
  });

  it('in a folder that is given for it is named; a device is not read', async () => {
    const inside = join(folder, 'runs/job');
    await expect(readModelFile(inside)).rejects.toMatchObject({
      ...{ code: 'MODEL_UNREADABLE', message: `${inside} is a folder, not a model.` },
      fix: `Give ${join(inside, 'model.onnx')}.`,
    });
    await expect(readModelFile('/dev/zero')).rejects.toMatchObject({ message: '/dev/zero is a device.' });
  });

  it('whose words are damaged is refused', async () => {
    const path = modelWith({ 'lockstep.format': MODEL_FORMAT, 'lockstep.schema': '{"columns":' });
    await expect(readModelFile(path)).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' });
  });

  it('that another program wrote is refused', async () => {
    const refusal = { code: 'MODEL_UNREADABLE', message: 'model.onnx was not written by lockstep.' };
    await expect(readModelFile(modelWith({}))).rejects.toMatchObject(refusal);
  });
});
