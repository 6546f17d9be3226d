/** An error as it is everywhere: what happened, its code, what to do. */
import type { Failure } from '../core/wire.js';

/** The error. @param note what the page does about it */
export function FailureBox({ failure, note }: { readonly failure: Failure; readonly note?: string }) {
  const { code, message, fix } = failure;
  return (
    <div class="banner bad" role="alert">
      <p>
        <strong>{message}</strong> <code>{code}</code>
      </p>
      {fix ? <p>{fix}</p> : null}
      {note ? <p class="soft">{note}</p> : null}
    </div>
  );
}
