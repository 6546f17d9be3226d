/** What a container's health check runs: whether the process that it holds says that it is well. */
import { get } from 'node:http';

const PATIENCE_MS = 3000;
const url = process.env.LOCKSTEP_HEALTH_URL ?? 'http://127.0.0.1:9464/healthz';

const isWell = await new Promise((resolve) => {
  const request = get(url, { timeout: PATIENCE_MS }, ({ statusCode }) => resolve(statusCode === 200));
  request.once('timeout', () => resolve(false));
  request.once('error', () => resolve(false));
});
process.exit(isWell ? 0 : 1);
