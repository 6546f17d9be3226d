/** Shows what a key of the spec means. */
import { type Explanation, explainKey } from '@lockstep/spec';
import pc from 'picocolors';

/** Runs `lockstep explain`. @throws LockstepError SPEC_UNKNOWN_KEY with the nearest key */
export async function explain(key: string, options: { readonly json?: true | undefined }): Promise<void> {
  const explanation = explainKey(key);
  process.stdout.write(options.json ? `${JSON.stringify(explanation)}\n` : explanationText(explanation));
}

/** An explanation for people. */
export function explanationText(explanation: Explanation): string {
  const lines = [`${pc.bold(explanation.path || 'job spec')}  ${factsOf(explanation)}`];
  if (explanation.description) lines.push(explanation.description);
  for (const child of explanation.children) {
    const name = child.path.split('.').at(-1) ?? '';
    lines.push('', `  ${pc.cyan(name)}  ${factsOf(child)}`);
    if (child.description) lines.push(`    ${child.description}`);
  }
  return `${lines.join('\n')}\n`;
}

function factsOf({ type, required, default: fallback, allowed }: Omit<Explanation, 'children'>): string {
  const facts = [type === 'one of' ? allowed.join(' | ') : type];
  if (fallback !== '') facts.push(`default ${fallback}`);
  else if (required) facts.push('required');
  return pc.dim(`(${facts.join(', ')})`);
}
