/** Names, types and shapes of a session's inputs and outputs. */
import { LockstepError } from '@lockstep/protocol/core';
import type { EngineValueInfo } from '../../engine.js';
import { tensorTypeOf } from '../../tensors/element-types.js';
import { readCString } from './native.js';
import { readShape, type ValueContext } from './values.js';

/** An input or output with the address of its name, which the engine's allocator owns. */
export interface NativeValueInfo extends EngineValueInfo {
  readonly nameAddress: bigint;
}

/** An error of loading a graph. */
export function loadError(message: string): LockstepError {
  return new LockstepError('ENGINE_LOAD_FAILED', { message, field: 'model' });
}

/** Describes one side of a session. @throws LockstepError ENGINE_LOAD_FAILED for a value that is no tensor of ours */
export function describeSide(context: ValueContext, session: bigint, side: 'Input' | 'Output'): NativeValueInfo[] {
  const { native, allocator } = context;
  const { api } = native.library;
  const count = Number(native.result((out) => api[`sessionGet${side}Count`](session, out), loadError));
  const infos: NativeValueInfo[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      const nameAddress = native.result(
        (out) => api[`sessionGet${side}Name`](session, index, allocator, out),
        loadError,
      );
      const info = native.result((out) => api[`sessionGet${side}TypeInfo`](session, index, out), loadError);
      try {
        const name = readCString(nameAddress);
        infos.push({ name, nameAddress, ...describeTensor(context, info, name) });
      } finally {
        api.releaseTypeInfo(info);
      }
    }
    return infos;
  } catch (thrown) {
    freeNames(context, infos);
    throw thrown;
  }
}

/** Gives names back to the engine's allocator. */
export function freeNames({ native, allocator }: ValueContext, infos: readonly NativeValueInfo[]): void {
  for (const { nameAddress } of infos) {
    native.check(native.library.api.allocatorFree(allocator, nameAddress), loadError);
  }
}

function describeTensor({ native }: ValueContext, info: bigint, name: string): Pick<EngineValueInfo, 'type' | 'shape'> {
  const { api } = native.library;
  const fail = (message: string) => loadError(`${name}: ${message}`);
  const tensor = native.result((out) => api.castTypeInfoToTensorInfo(info, out), fail);
  if (tensor === 0n) throw loadError(`${name} is no tensor.`);
  const elementType = Number(native.result((out) => api.getTensorElementType(tensor, out), fail) & 0xffffffffn);
  const type = tensorTypeOf(elementType);
  if (!type) throw loadError(`${name} has element type ${elementType}, which is not read.`);
  return { type, shape: readShape(native, tensor, fail) };
}
