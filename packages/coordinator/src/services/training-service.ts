/** TrainingService: one stream per worker, from its hello to its end. */
import type * as grpc from '@grpc/grpc-js';
import { type TrainingServiceHandlers, toServiceError, trainingServiceDefinition } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { Ending } from '../core/lane-state.js';
import type { Gate } from '../doors/gate.js';
import type { CoordinatorMetrics } from '../metrics.js';
import type { WorkerSession } from '../ports.js';
import type { WorkerRegistry } from '../worker-registry.js';

/** Adds the service to a server. */
export function addTrainingService(
  server: grpc.Server,
  {
    registry,
    metrics,
    gate,
  }: { readonly registry: WorkerRegistry; readonly metrics: CoordinatorMetrics; readonly gate: Gate },
): void {
  const handlers: TrainingServiceHandlers = {
    Train(call) {
      let session: WorkerSession | null = null;
      const lose = (why: string, ending: Ending = 'vanished'): void => {
        if (session) registry.detach(session, why, ending);
        session = null;
      };
      call.on('data', (message) => {
        try {
          if (message.hello && !session) {
            const { workerId, incarnation } = message.hello;
            session = registry.attach(
              workerId,
              incarnation,
              (response) => void (call.writable && call.write(response)),
              () => call.end(),
              gate.caller(call),
            );
          } else if (!session) {
            throw new LockstepError('PROTOCOL_VIOLATION', { message: 'A stream starts with a hello.' });
          } else if (message.bye) {
            lose(message.bye.reason || 'it left', 'left');
            call.end();
          } else {
            if (message.gradient) metrics.transportBytes('grpc', 'in', message.gradient.data.length);
            registry.message(session, message);
          }
        } catch (thrown) {
          lose(LockstepError.from(thrown).message, 'expelled');
          call.emit('error', toServiceError(thrown));
        }
      });
      call.on('end', () => {
        lose('it ended its stream');
        call.end();
      });
      call.on('error', (error: Error) => lose(error.message));
      call.on('cancelled', () => lose('its stream was cut'));
    },
  };
  server.addService(trainingServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}
