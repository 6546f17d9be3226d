/** With what a worker connects to NATS. */
import type { JoinResponse__Output, NatsAccess, NatsOptions } from '@lockstep/protocol';

/**
 * What the worker says by itself comes before what the coordinator gives it, each part of TLS by itself: a certificate
 * of its own leaves the CA that is given.
 */
export function natsOptions(
  given: JoinResponse__Output['nats'],
  own: NatsAccess['credentials'] = {},
): Omit<NatsOptions, 'name'> {
  const { servers = [], login = null, tlsCa } = given ?? {};
  const tls = { ...(tlsCa?.length ? { ca: tlsCa } : {}), ...own.tls };
  return {
    servers,
    ...(login ? { account: login } : {}),
    ...own,
    ...(tlsCa?.length || own.tls ? { tls } : {}),
  };
}
