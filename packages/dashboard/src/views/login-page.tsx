/** Shows who somebody is: with a token. */
import { useState } from 'preact/hooks';
import { failureOf } from '../browser/api.js';
import type { Failure } from '../core/wire.js';
import { FailureBox } from './failure-box.js';

/** The form. */
export function LoginPage({ logIn }: { readonly logIn: (token: string) => Promise<void> }) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    const token = new FormData(event.target as HTMLFormElement).get('token');
    setBusy(true);
    setFailure(null);
    await logIn(String(token).trim()).catch((thrown: unknown) => {
      setFailure(failureOf(thrown));
      setBusy(false);
    });
  };
  return (
    <form class="login" onSubmit={submit}>
      <h1>Log in</h1>
      <p class="soft">
        This coordinator wants to know who you are. <code>lockstep tokens create</code> makes a token.
      </p>
      {failure ? <FailureBox failure={failure} /> : null}
      {/* What a password manager keeps the token under. */}
      <input type="text" hidden name="username" autocomplete="username" value="lockstep" />
      <label for="token">Token</label>
      <input id="token" name="token" type="password" autocomplete="current-password" spellcheck={false} required />
      <button type="submit" class="main" aria-disabled={isBusy}>
        {isBusy ? 'Logging in…' : 'Log in'}
      </button>
    </form>
  );
}
