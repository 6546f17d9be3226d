/** Addresses of the page. */

/** What an address shows. */
export type Route =
  | { readonly view: 'jobs' }
  | { readonly view: 'workers' }
  | { readonly view: 'job'; readonly jobId: string }
  | { readonly view: 'unknown' };

/** The route of a path. */
export function routeOf(path: string): Route {
  if (path === '/') return { view: 'jobs' };
  if (/^\/workers\/?$/.test(path)) return { view: 'workers' };
  const encoded = /^\/jobs\/([^/]+)\/?$/.exec(path)?.[1];
  const jobId = encoded === undefined ? null : decoded(encoded);
  return jobId === null ? { view: 'unknown' } : { view: 'job', jobId };
}

/** The path of a job. */
export function jobPath(jobId: string): string {
  return `/jobs/${encodeURIComponent(jobId)}`;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
