/** A command that can be copied. */
import { useRef, useState } from 'preact/hooks';
import { announce } from '../browser/announce.js';

const SHOWN_MS = 2_000;

/** The command and its button. */
export function Copyable({ text }: { readonly text: string }) {
  const code = useRef<HTMLElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copied(text, code.current))) return;
    setCopied(true);
    announce('Copied');
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <span class="copyable">
      <code ref={code}>{text}</code>
      <button type="button" onClick={copy} aria-label={`Copy: ${text}`}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </span>
  );
}

/** @returns whether it was; else it is selected at least, where a page without TLS may not copy */
async function copied(text: string, element: HTMLElement | null): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  if (element) getSelection()?.selectAllChildren(element);
  return false;
}
