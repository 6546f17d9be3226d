/** Each verb that needs no running coordinator, as a user types it: what it prints, writes and answers. */
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Part, splitRows } from '../../packages/data/src/core/split.ts';
import { type CommandResult, lastJson, lockstep, ROOT, scratch, trainJson } from '../support/lockstep.ts';

const VERBS =
  'train init validate explain predict evaluate doctor devices up coordinator worker submit jobs describe watch logs cancel delete certs tokens'.split(
    ' ',
  );
const EXAMPLES = ['breast-cancer', 'diabetes', 'digits', 'wine'];
const WINE = join(ROOT, 'examples/wine/data.csv');
/** Times that the wine table is repeated, so that predict reads several batches. */
const COPIES = 12;

/** The object that a verb printed last, as the type its test looks at. */
function json<Shape>(result: CommandResult): Shape {
  return lastJson(result) as unknown as Shape;
}

function linesOf(text: string): string[] {
  return text.trimEnd().split(/\r?\n/);
}

function exampleTable(name: string): string {
  return join(ROOT, 'examples', name, 'data.csv');
}

describe('doctor', () => {
  const findings = [
    'node',
    'engine',
    'engine (binding)',
    'data engine',
    'nats-server',
    'nats records',
    'temporary folder',
  ];
  /** What nobody needs who does not ask for it. */
  const optional = ['tfjs (tensorflow)', 'tfjs (tensorflow-gpu)', 'tfjs (cpu)', 'device webgpu', 'device cuda'];

  it('says line by line that all is well', async () => {
    const { code, stdout } = await lockstep(['doctor']);
    expect(code, stdout).toBe(0);
    const lines = linesOf(stdout).filter((line) => !line.startsWith(' '));
    expect(lines.map((line) => line.slice(6, 29).trimEnd())).toEqual([...findings, ...optional]);
    lines.forEach((line, index) => {
      expect(line).toMatch(index < findings.length ? /^ok / : /^(ok|none) /);
    });
    expect(stdout).toContain(`${'node'.padEnd(22)} ${process.version}\n`);
    expect(stdout).toMatch(/nats-server .* \d+\.\d+\.\d+\n/);
  });

  it('says it as one JSON object', async () => {
    const result = await lockstep(['doctor', '--json']);
    interface Finding {
      readonly name: string;
      readonly ok: boolean;
      readonly optional?: true;
      readonly found: string;
      readonly fix: string;
    }
    const report = json<{ state: string; findings: Finding[] }>(result);
    expect([result.code, report.state, linesOf(result.stdout).length]).toEqual([0, 'ok', 1]);
    const needed = report.findings.filter((finding) => !finding.optional);
    expect(needed.map(({ name }) => name)).toEqual(findings);
    expect(needed.every(({ ok, found, fix }) => ok && found !== '' && fix === '')).toBe(true);
    const rest = report.findings.filter((finding) => finding.optional);
    expect(rest.map(({ name }) => name)).toEqual(optional);
    expect(rest.every(({ ok, found, fix }) => found !== '' && ok === (fix === ''))).toBe(true);
  });

  it('ends with 2 and the remedy where something is wrong', async () => {
    const { code, stdout } = await lockstep(['doctor', '--nats-server', join(scratch(), 'absent')]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/wrong nats-server .*absent.*\n {6}fix .*nats-server/);
    expect(stdout).toMatch(/ok {4}data engine/);
  });

  it('says of a folder for temporary files that is none what training says of it', async () => {
    const TMPDIR = join(scratch(), 'file');
    writeFileSync(TMPDIR, '');
    const { code, stdout } = await lockstep(['doctor'], { env: { TMPDIR } });
    expect(code).toBe(2);
    for (const name of ['data engine', 'nats records', 'temporary folder']) {
      const line = linesOf(stdout).findIndex((text) => text.startsWith(`wrong ${name}`));
      expect(linesOf(stdout)[line]).toContain(`${TMPDIR} cannot be written`);
      expect(linesOf(stdout)[line + 1]).toContain('Set TMPDIR to a folder that exists and can be written.');
    }
  });
});

describe('devices', () => {
  it('lists engines, providers and devices, and of each that cannot be used why not', async () => {
    // Whatever GPUs this machine has are hidden.
    const env = { CUDA_VISIBLE_DEVICES: '', VK_ICD_FILENAMES: '', LOCKSTEP_ENGINES: scratch() };
    interface Row {
      readonly usable: boolean;
      readonly obstacles: readonly { readonly why: string; readonly fix: string }[];
    }
    const result = await lockstep(['devices', '--json'], { env });
    const { engines, providers, devices } = json<{
      engines: (Row & { engine: string; backend: string })[];
      providers: (Row & { provider: string; reproducible: boolean | null })[];
      devices: (Row & { device: string; name: string })[];
    }>(result);
    expect(result.code).toBe(0);
    expect(engines.map(({ engine, backend }) => `${engine} ${backend}`)).toEqual([
      'onnxruntime c-api',
      'onnxruntime binding',
      'tfjs tensorflow',
      'tfjs tensorflow-gpu',
      'tfjs cpu',
    ]);
    const listed = await lockstep(['engines', 'list', '--json'], { env });
    expect(linesOf(listed.stdout).map((line) => JSON.parse(line))).toEqual(engines);
    expect(providers.slice(0, 3).map(({ provider, usable }) => [provider, usable])).toEqual([
      ['cpu', true],
      ['webgpu', false],
      ['cuda', false],
    ]);
    for (const { usable, obstacles } of [...engines, ...providers, ...devices]) {
      expect(obstacles.every(({ why, fix }) => why !== '' && fix !== '')).toBe(true);
      expect(obstacles.length === 0).toBe(usable);
    }
    expect(devices[0]).toMatchObject({ device: 'cpu', usable: true });
    const text = await lockstep(['devices'], { env });
    expect(text.stdout).toMatch(/^ {2}ready {2}cpu +onnxruntime-/m);
    expect(text.stdout).toMatch(/^ {2}no {5}cuda +\S.*\n +fix \S/m);
  });

  it('tries one provider for itself', async () => {
    const result = await lockstep(['devices', '--try', 'cpu']);
    expect(json(result)).toMatchObject({ usable: true, reproducible: true });
    const unknown = await lockstep(['devices', '--try', 'npu']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Use one of cpu, webgpu, cuda, tensorflow, tensorflow-gpu.');
  });
});

describe('init', () => {
  it.each(EXAMPLES)('writes a job.yaml for the %s table that is valid at once', async (name) => {
    const spec = join(scratch(), 'job.yaml');
    const written = await lockstep(['init', exampleTable(name), '--label', 'target', '--out', spec, '--json']);
    expect(json(written), written.stderr).toMatchObject({ state: 'written', spec });
    expect(readFileSync(spec, 'utf8')).toMatch(/^# \d+ rows; \d+ numeric and 0 text columns; task: /);
    const checked = await lockstep(['validate', spec, '--json']);
    expect([checked.code, lastJson(checked).state], checked.stderr).toEqual([0, 'valid']);
  });

  it('writes a job.yaml for a regression that trains at once', async () => {
    const folder = scratch();
    const written = await lockstep(['init', exampleTable('diabetes'), '--label', 'target'], { cwd: folder });
    expect(written.stdout).toMatch(/written\. Next: lockstep train job\.yaml\n$/);
    const args = [join(folder, 'job.yaml'), '--set', 'train.epochs=1', '--workers', '1', '--out', join(folder, 'out')];
    const outcome = await trainJson(args);
    expect(Object.keys(outcome.metrics.test).sort()).toEqual(['loss', 'mae', 'mse', 'r2']);
  });

  it('keeps a file that is there, unless it is told to replace it', async () => {
    const spec = join(scratch(), 'job.yaml');
    writeFileSync(spec, 'mine\n');
    const args = ['init', WINE, '--label', 'target', '--out', spec];
    const refused = await lockstep(args);
    expect([refused.code, readFileSync(spec, 'utf8')]).toEqual([2, 'mine\n']);
    expect(refused.stderr).toMatch(/OUTPUT_EXISTS[\s\S]*--force/);
    expect((await lockstep([...args, '--force'])).code).toBe(0);
    expect(readFileSync(spec, 'utf8')).toContain('apiVersion: lockstep/v1');
  });

  it('names the column that was meant, and refuses one that has nothing to learn', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'constant.csv'), 'a,y\n1,yes\n2,yes\n');
    const absent = await lockstep(['init', WINE, '--label', 'Target', '--json'], { cwd: folder });
    expect([absent.code, lastJson(absent).error?.code]).toEqual([2, 'DATA_COLUMN_NOT_FOUND']);
    expect(lastJson(absent).error?.fix).toContain('Did you mean target?');
    const constant = await lockstep(['init', 'constant.csv', '--label', 'y', '--json'], { cwd: folder });
    expect([constant.code, lastJson(constant).error?.code]).toEqual([2, 'DATA_LABEL']);
    expect(readdirSync(folder)).toEqual(['constant.csv']);
  });

  it('makes the folder that --out names', async () => {
    const folder = scratch();
    const args = ['init', WINE, '--label', 'target', '--out', 'a new/job.yaml'];
    const { code, stdout } = await lockstep(args, { cwd: folder });
    expect([code, existsSync(join(folder, 'a new/job.yaml'))]).toEqual([0, true]);
    expect(stdout).toContain("Next: lockstep train 'a new/job.yaml'");
  });
});

describe('validate', () => {
  const spec = join(ROOT, 'examples/digits/job.yaml');

  it('says what the spec and its data are', async () => {
    const { code, stdout, stderr } = await lockstep(['validate', spec]);
    const data = 'data.csv fits: 65 columns, 1797 rows: 1257 training, 180 validation, 360 test';
    expect([code, stdout, stderr]).toEqual([0, '', `${spec} is valid: multiclass, 4 layers, 4 lanes\n${data}\n`]);
  });

  it('says that it has not looked at data that is not here', async () => {
    const folder = scratch();
    copyFileSync(spec, join(folder, 'job.yaml'));
    const args = ['validate', join(folder, 'job.yaml')];
    const { code, stderr } = await lockstep(args);
    expect(code).toBe(0);
    expect(stderr).toContain(`\ndata not looked at: ${join(folder, 'data.csv')} is not here\n`);
    expect(json<{ data: unknown }>(await lockstep([...args, '--json'])).data).toBeNull();
  });

  it('refuses columns that the data has not, and cells that are no numbers, as train does', async () => {
    for (const [key, code, words] of [
      ['data.label=Target', 'DATA_COLUMN_NOT_FOUND', 'data.csv has no column Target. Did you mean target?'],
      ['data.nulls=["0"]', 'DATA_LABEL', 'The label target cannot be used'],
    ] as const) {
      const args = [spec, '--set', key, '--json'];
      const [checked, trained] = await Promise.all([
        lockstep(['validate', ...args]),
        lockstep(['train', ...args, '--out', join(scratch(), 'out'), '--workers', '1']),
      ]);
      expect([checked.code, trained.code]).toEqual([2, 2]);
      expect(lastJson(checked).error).toMatchObject({ code, message: expect.stringContaining(words) });
      const { problems, ...told } = { problems: undefined, ...lastJson(trained).error };
      expect(lastJson(checked).error).toMatchObject(told);
    }
  });

  it('prints the spec with every default, which is valid again', async () => {
    const { stdout } = await lockstep(['validate', spec, '--set', 'train.epochs=3', '--resolved']);
    expect(stdout).toMatch(/epochs: 3\n[\s\S]*threadsPerLane: 1\n/);
    const folder = scratch();
    writeFileSync(join(folder, 'job.yaml'), stdout);
    const again = await lockstep(['validate', join(folder, 'job.yaml'), '--resolved']);
    expect(again.stdout).toBe(stdout);
  });

  it('prints the JSON Schema of a spec', async () => {
    const { stdout } = await lockstep(['validate', spec, '--schema']);
    const schema = JSON.parse(stdout) as { properties: Record<string, unknown>; required: string[] };
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['data', 'model', 'train', 'run']));
    expect(schema.required).toEqual(expect.arrayContaining(['data', 'model', 'train']));
  });

  it('lists every problem of a spec, each with its line and a fix', async () => {
    const { code, stderr } = await lockstep(['validate', join(ROOT, 'test/cases/35-spec-numbers-and-typos/bad.yaml')]);
    expect([code, stderr.match(/^ {2}\d+:\d+ /gm)?.length, stderr.match(/^ +fix: /gm)?.length]).toEqual([2, 5, 5]);
    expect(stderr).toContain('learningRate');
  });
});

describe('explain', () => {
  it('shows type, default and values of a key', async () => {
    const { code, stdout } = await lockstep(['explain', 'train.optimizer']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^train\.optimizer {2}\(.*default "adam"\)\n/);
    for (const name of ['sgd', 'adam', 'adamw', 'rmsprop']) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it('knows each key that its help takes for an example', async () => {
    const { stdout } = await lockstep(['explain', '--help']);
    const keys = [...stdout.matchAll(/^ +\$ lockstep explain (\S+)$/gm)].map(([, key = '']) => key);
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) expect([key, (await lockstep(['explain', key])).code]).toEqual([key, 0]);
  });

  it('shows the whole spec where no key is named', async () => {
    const { stdout } = await lockstep(['explain']);
    for (const name of ['data', 'split', 'preprocess', 'model', 'train', 'run'])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it.each([
    ['train.optimiser', 'train.optimizer'],
    ['learning_rate', 'learningRate'],
    ['train.epoch', 'train.epochs'],
  ])('answers %s with the nearest right name', async (wrong, right) => {
    const result = await lockstep(['explain', wrong, '--json']);
    expect([result.code, lastJson(result).error?.code]).toEqual([2, 'SPEC_UNKNOWN_KEY']);
    expect(lastJson(result).error?.fix).toMatch(new RegExp(`Did you mean .*${right}`));
  });
});

describe('help', () => {
  it.each(VERBS)('of %s leads with commands to copy', async (verb) => {
    const { code, stdout } = await lockstep([verb, '--help']);
    expect(code).toBe(0);
    const [, block = ''] = /^Examples:\n((?: {2}\$ .*\n)+)/.exec(stdout) ?? [];
    expect(linesOf(block).every((line) => line.includes(`lockstep ${verb}`))).toBe(true);
  });
});

describe('train, predict and evaluate what init wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-commands-'));
  const out = join(folder, 'out');
  const model = join(out, 'model.onnx');
  let training: CommandResult;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    const spec = join(folder, 'job.yaml');
    await lockstep(['init', WINE, '--label', 'target', '--out', spec]);
    training = await lockstep(['train', spec, '--set', 'train.epochs=3', '--workers', '1', '--out', out]);
  });

  it('shows progress in plain lines where nobody watches a terminal', () => {
    const { code, stderr } = training;
    expect(code, stderr).toBe(0);
    const pace = String.raw`loss \S+ {2}\d+ samples/s {2}ETA \d+(\.\d)? s`;
    expect(stderr).toMatch(new RegExp(String.raw`^epoch 1/3 {2}step \d+/12 {2}${pace}$`, 'm'));
    for (const epoch of [1, 2, 3]) {
      const line = String.raw`^epoch ${epoch}/3 {2}step ${4 * epoch}/12 {2}${pace} {2}accuracy .* {2}took \S+ s$`;
      expect(stderr).toMatch(new RegExp(line, 'm'));
    }
    expect(stderr).toMatch(/^epoch 3\/3 .* ETA 0\.0 s /m);
    expect(['\r', '\u001b'].filter((control) => stderr.includes(control))).toEqual([]);
  });

  it('ends with metrics, confusion matrix, model, hash and the next command', async () => {
    const { stdout } = training;
    expect(stdout).toMatch(/^test +accuracy \S+ {2}precision \S+ {2}recall \S+ {2}f1 \S+ {2}loss \S+$/m);
    expect(stdout).toMatch(/actual . predicted +│ +0 +│ +1 +│ +2 +│/);
    expect(stdout).toContain(`model      ${model}\n`);
    const { parametersSha256 } = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')) as Record<string, string>;
    expect(stdout).toContain(`sha-256    ${parametersSha256} (parameters, 4 lanes)\n`);
    const [, next = ''] = /^next +lockstep (.*)$/m.exec(stdout) ?? [];
    const followed = await lockstep(next.replace('NEW.csv', WINE).split(' '), { cwd: folder });
    expect(followed.code, followed.stderr).toBe(0);
    expect(linesOf(readFileSync(join(folder, 'predictions.csv'), 'utf8'))).toHaveLength(179);
  });

  it('predicts a CSV row by row in its order, whatever the order', async () => {
    const [header = '', ...rows] = linesOf(readFileSync(WINE, 'utf8'));
    const many = Array.from({ length: COPIES }, () => rows).flat();
    const lines = many.map((row, index) => `"no, ${index}",${row}`);
    const predicted = async (name: string, body: readonly string[]): Promise<string[]> => {
      const [data, scored] = [join(folder, `${name}.csv`), join(folder, `${name}-scored.csv`)];
      writeFileSync(data, `id,${header}\n${body.join('\n')}\n`);
      const result = await lockstep(['predict', model, data, '--keep', 'id', '--out', scored, '--json']);
      expect(json(result), result.stderr).toMatchObject({ state: 'succeeded', rows: many.length, ignored: ['target'] });
      return linesOf(readFileSync(scored, 'utf8'));
    };
    const [head, ...forward] = await predicted('forward', lines);
    expect(head).toBe('id,prediction,probability_0,probability_1,probability_2');
    expect(forward.map((line) => /^"no, (\d+)",[012],/.exec(line)?.[1])).toEqual(many.map((_, index) => String(index)));
    const [, ...backward] = await predicted('backward', lines.toReversed());
    expect(backward.toReversed()).toEqual(forward);
  });

  it('evaluates the test rows to the metrics that training reported', async () => {
    const [header = '', ...rows] = linesOf(readFileSync(WINE, 'utf8'));
    const classes = Int32Array.from(rows, (row) => Number(row.split(',').at(-1)));
    const split = { test: 0.2, validation: 0.1, seed: 42, kept: () => true };
    const parts = splitRows({ ...split, classes, rowCount: rows.length });
    const held = rows.filter((_, row) => parts[row] === Part.test);
    writeFileSync(join(folder, 'test.csv'), `${[header, ...held].join('\n')}\n`);
    type Metrics = { test: Record<string, number>; confusionMatrix: unknown };
    const trained = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')) as Metrics;
    const result = await lockstep(['evaluate', model, join(folder, 'test.csv'), '--json']);
    const measured = json<{ rows: number; metrics: Record<string, number>; confusionMatrix: unknown }>(result);
    expect(measured.rows).toBe(36);
    const { loss: trainedLoss = Number.NaN, ...trainedScores } = trained.test;
    const { loss, ...scores } = measured.metrics;
    expect([scores, measured.confusionMatrix]).toEqual([trainedScores, trained.confusionMatrix]);
    expect(loss).toBeCloseTo(trainedLoss, 6);
    const text = await lockstep(['evaluate', model, join(folder, 'test.csv')]);
    expect(text.stdout).toMatch(
      /^accuracy +\S+\nprecision +\S+\nrecall +\S+\nf1 +\S+\nloss +\S+\nprecision, recall, f1: mean over all 3 classes.*\n┌/,
    );
  });

  it('refuses a table without rows, and a place that cannot be written, in one screen', async () => {
    writeFileSync(join(folder, 'empty.csv'), `${linesOf(readFileSync(WINE, 'utf8'))[0]}\n`);
    const empty = await lockstep(['evaluate', model, join(folder, 'empty.csv'), '--json']);
    expect([empty.code, lastJson(empty).error?.code]).toEqual([2, 'DATA_EMPTY']);
    const unwritable = await lockstep(['predict', model, WINE, '--out', folder, '--json']);
    expect([unwritable.code, lastJson(unwritable).error?.code]).toEqual([2, 'OUTPUT_UNWRITABLE']);
    expect(unwritable.stderr).not.toMatch(/\n\s+at /);
  });
});
