/** Standard health and reflection services. */
import type * as grpc from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { addReflection } from './reflection.js';

/** Adds `grpc.health.v1.Health` and reflection to a server; the empty service name starts as not serving. */
export function addHealthAndReflection(server: grpc.Server): HealthImplementation {
  const health = new HealthImplementation({ '': 'NOT_SERVING' });
  health.addToServer(server);
  addReflection(server);
  return health;
}
