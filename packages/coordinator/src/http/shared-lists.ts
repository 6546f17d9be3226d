/** Lists of jobs and workers, made once for all streams whose callers see the same. */
import type { Principal } from '../core/principal.js';
import { SHARED_LIST_MS } from '../limits.js';
import { jsonOf } from './answers.js';
import type { Known } from './known.js';
import { plainPage, plainWorkers } from './plain-messages.js';

/** A list as it was a moment ago. */
export interface SharedList {
  /** Another one where what it tells has changed. */
  readonly mark: string;
  /** JSON. */
  readonly text: () => string;
}

/** What a caller sees. */
export interface Lists {
  /** The newest. */
  readonly jobs: SharedList;
  readonly workers: SharedList;
}

/** The first page. */
const NEWEST = { pageSize: 0, pageToken: '', namespace: '' } as const;

/** Makes lists at most every {@link SHARED_LIST_MS}. */
export class SharedLists {
  readonly #known: Pick<Known, 'jobs' | 'workers'>;
  /** By what its callers may see. */
  readonly #made = new Map<string, Lists & { readonly madeMs: number }>();

  constructor(known: Pick<Known, 'jobs' | 'workers'>) {
    this.#known = known;
  }

  of(caller: Principal): Lists {
    const key = JSON.stringify([caller.role, caller.namespaces]);
    const nowMs = performance.now();
    for (const [other, { madeMs }] of this.#made) if (nowMs - madeMs >= SHARED_LIST_MS) this.#made.delete(other);
    const lists = this.#made.get(key) ?? { jobs: this.#jobs(caller), workers: this.#workers(caller), madeMs: nowMs };
    this.#made.set(key, lists);
    return lists;
  }

  #jobs(caller: Principal): SharedList {
    const page = this.#known.jobs.list(caller, NEWEST);
    const mark = page.jobs.map(({ id, updatedUnixSeconds }) => `${id} ${updatedUnixSeconds}`).join('\n');
    return { mark, text: once(() => jsonOf(plainPage(page))) };
  }

  #workers(caller: Principal): SharedList {
    const workers = this.#known.workers(caller);
    const mark = workers.map(({ workerId, state, jobId }) => `${workerId} ${state} ${jobId}`).join('\n');
    return { mark, text: once(() => jsonOf(plainWorkers(workers))) };
  }
}

function once(make: () => string): () => string {
  let made: string | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
