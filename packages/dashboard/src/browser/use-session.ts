/** Who looks at the page. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { type Failure, readSession, type Session } from '../core/wire.js';
import { failureOf, request } from './api.js';

const PATH = '/api/session';
const AGAIN_MS = 3_000;

/** The session and what changes it. */
export interface SessionState {
  /** Null until it is known. */
  readonly session: Session | null;
  /** Why it is not known. */
  readonly failure: Failure | null;
  /** Asks again: somebody was refused. */
  readonly refresh: () => void;
  /** @throws RequestError */
  readonly logIn: (token: string) => Promise<void>;
  readonly logOut: () => Promise<void>;
}

/** The session; asks until it has an answer. */
export function useSession(): SessionState {
  const [session, setSession] = useState<Session | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      request('GET', PATH).then(
        (answer) => {
          if (isOver) return;
          setSession(readSession(answer));
          setFailure(null);
        },
        (thrown: unknown) => {
          if (isOver) return;
          setFailure(failureOf(thrown));
          timer = setTimeout(ask, AGAIN_MS);
        },
      );
    };
    ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [asked]);
  const refresh = useCallback(() => setAsked((count) => count + 1), []);
  const logIn = useCallback(
    async (token: string) => setSession(readSession(await request('POST', PATH, { token }))),
    [],
  );
  const logOut = useCallback(async () => {
    await request('DELETE', PATH).catch(() => null);
    refresh();
  }, [refresh]);
  return { session, failure, refresh, logIn, logOut };
}
