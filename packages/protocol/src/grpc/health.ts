/** Standard health and reflection services. */
import type * as grpc from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { packageDefinition } from './definitions.js';

/** Adds `grpc.health.v1.Health` and reflection to a server; the empty service name starts as not serving. */
export function addHealthAndReflection(server: grpc.Server): HealthImplementation {
  const health = new HealthImplementation({ '': 'NOT_SERVING' });
  health.addToServer(server);
  new ReflectionService(packageDefinition).addToServer(server);
  return health;
}
