/** No HTTP in a simulation. */
import type { HttpServer } from '../../../packages/coordinator/src/http/server.ts';

export async function startHttpServer(host: string): Promise<HttpServer> {
  return { address: `${host}:0`, dashboardUrl: null, close: async () => {} };
}
