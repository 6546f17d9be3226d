/** The time, for ages. */
import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 5_000;

/** Unix seconds, anew every few seconds. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
