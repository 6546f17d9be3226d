/** Every claim of docs/claims.md is shown again: its command is run and its output compared, its test exists. */
import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Claim, faultOf, parseClaims } from '../support/claims.ts';
import { BIN, ROOT, scratch } from '../support/lockstep.ts';

const claims = parseClaims(readFileSync(join(ROOT, 'docs/claims.md'), 'utf8'));
const commands = new Set(claims.flatMap(({ command }) => (command ? [command] : [])));
const tests = claims.flatMap((claim) => claim.tests.map((test) => ({ ...test, title: claim.title })));

/** Runs a command as it stands, in a folder of its own where `examples` is there. */
async function outcomesOf(command: string): Promise<unknown[]> {
  const cwd = scratch();
  symlinkSync(join(ROOT, 'examples'), join(cwd, 'examples'));
  const script = `set -e\nnpx() { shift; "$NODE" "$BIN" "$@"; }\n${command}\n`;
  const env = { ...process.env, NODE: process.execPath, BIN, NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd, env });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as unknown);
}

describe('docs/claims.md', () => {
  it('has claims with commands and claims with tests', () => {
    expect(commands.size).toBeGreaterThan(0);
    expect(tests.length).toBeGreaterThan(0);
  });

  it.each([...commands])('shows what %s gives', async (command) => {
    const outcomes = await outcomesOf(command);
    expect(outcomes.length).toBe(/seed in ([\d ]+);/.exec(command)?.[1]?.split(' ').length ?? 1);
    const facts = claims.filter((claim) => claim.command === command).flatMap((claim) => claim.facts);
    expect(facts.map((fact) => faultOf(fact, outcomes)).filter(Boolean)).toEqual([]);
  });

  it.each(tests)('is backed by a test: $name', ({ file, name }) => {
    const line = readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .find((text) => text.includes(`('${name}',`));
    expect(line, `${file} has no test "${name}"`).toBeDefined();
    expect(line).toMatch(/^ +it(\.each\(.*\))?\(/);
  });
});

describe('a fact', () => {
  const factOf = (line: string, word = ''): Claim['facts'][number] => {
    const [claim] = parseClaims(`# C\n\n## T\n\n\`\`\`bash\nx\n\`\`\`\n\n\`\`\`text ${word}\n${line}\n\`\`\`\n`);
    return claim?.facts[0] as Claim['facts'][number];
  };
  const outcomes = [
    { numericClass: 'cpu/avx2', state: 'succeeded', metrics: { accuracy: 0.9737 } },
    { numericClass: 'cpu/avx2', state: 'succeeded', metrics: { accuracy: 0.9825 } },
  ];

  it.each([
    ['state = succeeded', '', true],
    ['state = failed', '', false],
    ['state = failed', 'avx512', true],
    ['state = failed', 'avx2', false],
    ['mean metrics.accuracy = 0.978', '', true],
    ['mean metrics.accuracy = 0.979', '', false],
    ['metrics.accuracy >= 0.97', '', true],
    ['metrics.accuracy >= 0.98 (0.99)', '', false],
    ['metrics.accuracy <= 0.98', '', false],
    ['metrics.absent >= 0', '', false],
    ['absent = x', '', false],
  ])('%s in class "%s" is judged %s', (line, word, isTrue) => {
    expect(faultOf(factOf(line, word), outcomes) === '').toBe(isTrue);
  });

  it('that is none, and a claim that nothing shows, are refused', () => {
    expect(() => factOf('accuracy is good')).toThrow('accuracy is good');
    expect(() => parseClaims('# C\n\n## Fast\n\nVery.\n')).toThrow('nothing shows the claim "Fast"');
  });
});
