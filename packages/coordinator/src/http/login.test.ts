/** What a session leaves in the audit log. The ids are those of docs/security.md. */
import { expect, it, vi } from 'vitest';
import { MAX_FAILED_TOKENS, REFUSED_LINES } from '../limits.js';
import { ask, type Got, type Shown, showJobs } from '../testing/dashboard.js';

vi.mock('../limits.js', async (original) => ({
  ...(await original<object>()),
  CALL_RATE: { perSecond: 0.001, burst: 5, maxCallers: 10 },
}));

const TOKENS = { ada: { role: 'viewer' } } as const;
const SESSION = { what: '/api/session', on: '' } as const;

/** A script has no page: it says only what is given. */
function logOut({ address }: Shown, headers: Readonly<Record<string, string>>): Promise<Got> {
  return ask(address, '/api/session', { method: 'DELETE', headers });
}

it('A22 whoever logs out without a session leaves no line, however often', async () => {
  const shown = await showJobs({ tokens: TOKENS });
  const origin = `http://${shown.address}`;
  const { cookie } = await ask(shown.address, '/api/session', { body: { token: shown.tokens.ada } });
  for (const cookies of [{}, { cookie }, { cookie }, { cookie: `${cookie}x` }])
    expect((await logOut(shown, { origin, ...cookies })).status).toBe(204);
  expect(await shown.audit()).toMatchObject([
    { role: 'viewer', ...SESSION, outcome: 'allowed', status: 200 },
    { role: 'viewer', ...SESSION, outcome: 'allowed', status: 204 },
  ]);
});

it('A22 a wrong token that logs out is refused and counted, so that a flood of them fills no disk', async () => {
  const shown = await showJobs({ tokens: TOKENS });
  const statuses = new Set<number>();
  for (let count = 0; count <= MAX_FAILED_TOKENS; count++)
    statuses.add((await logOut(shown, { authorization: `Bearer lkt_${count}` })).status);
  expect([...statuses]).toEqual([401, 429]);
  const lines = await shown.audit();
  expect(lines).toHaveLength(REFUSED_LINES.maxPerCaller);
  for (const line of lines) expect(line).toMatchObject({ who: null, ...SESSION, outcome: 'denied', status: 401 });
});

it('A22 a right token that logs out is told of, and bounded as its calls are', async () => {
  const shown = await showJobs({ tokens: TOKENS });
  const authorization = `Bearer ${shown.tokens.ada}`;
  const statuses: number[] = [];
  for (let count = 0; count < 6; count++) statuses.push((await logOut(shown, { authorization })).status);
  expect(statuses).toEqual([204, 204, 204, 204, 204, 429]);
  expect(await shown.audit()).toMatchObject(
    statuses.map((status) => ({ role: 'viewer', ...SESSION, outcome: status === 204 ? 'allowed' : 'failed', status })),
  );
});

it('A22 a page that asks who it is by its cookie leaves no line, and a right token that is tried is bounded', async () => {
  const shown = await showJobs({ tokens: TOKENS });
  const get = async (headers: Readonly<Record<string, string>>): Promise<number> =>
    (await ask(shown.address, '/api/session', { headers })).status;
  const { cookie } = await ask(shown.address, '/api/session', { body: { token: shown.tokens.ada } });
  expect(await get({ cookie })).toBe(200);
  expect(await shown.audit()).toHaveLength(1);
  const statuses: number[] = [];
  const authorization = `Bearer ${shown.tokens.ada}`;
  for (let count = 0; count < 4; count++) statuses.push(await get({ authorization }));
  expect(statuses).toEqual([200, 200, 200, 429]);
  expect((await shown.audit()).slice(1)).toMatchObject(
    statuses.map((status) => ({ role: 'viewer', ...SESSION, outcome: status === 200 ? 'allowed' : 'failed', status })),
  );
  expect((await logOut(shown, { origin: `http://${shown.address}`, cookie })).status, 'ends, whatever else').toBe(204);
  expect((await shown.audit()).slice(5)).toMatchObject([
    { role: 'viewer', ...SESSION, outcome: 'allowed', status: 204 },
  ]);
});
