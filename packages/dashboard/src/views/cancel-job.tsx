/** Ends a job, after a question. */
import { useRef, useState } from 'preact/hooks';
import { announce } from '../browser/announce.js';
import { failureOf, request } from '../browser/api.js';
import { oneLine } from '../core/format.js';
import { type Failure, type Job, readJob } from '../core/wire.js';
import { FailureBox } from './failure-box.js';

/** Characters of a reason: what a line of the log holds. */
const MAX_REASON = 500;

/** The button and its dialog. */
export function CancelJob({ job, update }: { readonly job: Job; readonly update: (job: Job) => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const cancel = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    const reason = oneLine(String(new FormData(event.target as HTMLFormElement).get('reason')));
    setBusy(true);
    setFailure(null);
    try {
      const after = await request('POST', `/api/jobs/${encodeURIComponent(job.id)}/cancel`, { reason });
      dialog.current?.close();
      announce(`${job.name} is asked to end`);
      update(readJob(after));
    } catch (thrown) {
      setFailure(failureOf(thrown));
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        Cancel job
      </button>
      <dialog ref={dialog} aria-labelledby="cancel-title">
        <form onSubmit={cancel}>
          <h2 id="cancel-title">Cancel {job.name}?</h2>
          <p class="soft">It ends for good, without a model; its events and checkpoints stay until it is deleted.</p>
          {failure ? <FailureBox failure={failure} /> : null}
          <label for="cancel-reason">Why, for whoever looks at it later (may stay empty)</label>
          <input type="text" id="cancel-reason" name="reason" autocomplete="off" maxLength={MAX_REASON} />
          <p class="buttons">
            <button type="button" onClick={() => dialog.current?.close()}>
              Let it go on
            </button>
            <button type="submit" class="danger" aria-disabled={isBusy}>
              {isBusy ? 'Cancelling…' : 'Cancel the job'}
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}
