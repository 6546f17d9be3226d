/** Says so while nothing new arrives. */
import type { StreamStatus } from '../browser/stream.js';

/** Nothing while all is well. */
export function StatusBanner({ status }: { readonly status: StreamStatus }) {
  return (
    <div role="status">
      {status === 'lost' ? (
        <p class="banner warn">
          <strong>Connection to the coordinator lost.</strong> Trying again; what is shown is as of then.
        </p>
      ) : null}
    </div>
  );
}
