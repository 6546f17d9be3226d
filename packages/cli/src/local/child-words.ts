/** What processes of this command say to it: where the coordinator listens, and why one has ended. */
import { CATALOGUE, type ErrorCode, type ErrorContext, LockstepError } from '@lockstep/protocol/core';
import type { ChildCommand, ChildExit } from './processes.js';

/** Addresses of a coordinator that listens. */
export interface CoordinatorAddresses {
  /** "host:port" of gRPC. */
  readonly address: string;
  /** "host:port" of /metrics. */
  readonly metricsAddress: string;
  /** Address of the dashboard; null where it is not served. */
  readonly dashboardUrl: string | null;
}

/** Waits until a coordinator listens. @throws LockstepError what it ended with, or INTERRUPTED once told to stop */
export async function coordinatorAddresses(
  coordinator: ChildCommand,
  signal: AbortSignal,
): Promise<CoordinatorAddresses> {
  const line = await coordinator.firstLine;
  throwIfStopped(signal);
  if (line === '') throw exitError('coordinator', await coordinator.exited);
  const told = JSON.parse(line) as { listening: string; metrics: string; dashboard: string | null };
  return { address: told.listening, metricsAddress: told.metrics, dashboardUrl: told.dashboard };
}

/** @throws LockstepError INTERRUPTED once the signal says stop */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new LockstepError('INTERRUPTED');
}

/** The error of a process that ended: the one that it printed, else how it ended. */
export function exitError(name: string, exit: ChildExit): LockstepError {
  const message = `The ${name} ended: ${exit.reason}. ${exit.stderrTail.trim()}`;
  return reportedError(exit) ?? new LockstepError('INTERNAL', { message });
}

/** The error that a process of ours printed before it ended. */
export function reportedError(exit: ChildExit): LockstepError | null {
  const reported = exit.stderrTail.split('\n').find((line) => line.startsWith('{"error":'));
  if (!reported) return null;
  const { error } = JSON.parse(reported) as { error: { code: string } & ErrorContext };
  return error.code in CATALOGUE ? new LockstepError(error.code as ErrorCode, error) : null;
}
