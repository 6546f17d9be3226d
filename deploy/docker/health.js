/** What a container's health check runs: whether the process that it holds says that it is well. */
import { get as plain } from 'node:http';
import { get as encrypted } from 'node:https';

const PATIENCE_MS = 2000;
const { LOCKSTEP_HEALTH_URL = 'http://127.0.0.1:9464/healthz' } = process.env;

/** Whether an address answers 200. */
function isWell(url) {
  // The process is this container's own and is sent nothing, so whom its certificate names is of no matter.
  const options = { timeout: PATIENCE_MS, rejectUnauthorized: false };
  const get = url.startsWith('https:') ? encrypted : plain;
  return new Promise((resolve) => {
    const request = get(url, options, ({ statusCode }) => resolve(statusCode === 200));
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('error', () => resolve(false));
  });
}

// One with a certificate answers to TLS alone.
const answers = (await isWell(LOCKSTEP_HEALTH_URL)) || (await isWell(LOCKSTEP_HEALTH_URL.replace(/^http:/, 'https:')));
process.exit(answers ? 0 : 1);
