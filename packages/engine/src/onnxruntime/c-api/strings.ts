/** Text tensors: copied in and out as UTF-8. */
import type { EngineTensor } from '../../engine.js';
import { addressOf } from '../../tensors/addressed-memory.js';
import { runError } from '../../tensors/check-tensors.js';
import { ELEMENT_TYPE } from '../../tensors/element-types.js';
import { type Native, NativeWords } from './native.js';

/** A value that holds a copy of a tensor's text, which has no NUL characters. */
export function createStringValue(
  { native, allocator }: { readonly native: Native; readonly allocator: bigint },
  name: string,
  tensor: EngineTensor,
): bigint {
  const { api } = native.library;
  const strings = tensor.data as readonly string[];
  const fail = (message: string) => runError(message, name);
  const value = native.withWords(tensor.shape.map(BigInt), (shape) =>
    native.result(
      (out) => api.createTensorAsOrtValue(allocator, shape, tensor.shape.length, ELEMENT_TYPE.string, out),
      fail,
    ),
  );
  if (strings.length === 0) return value;
  const text = Buffer.from(`${strings.join('\0')}\0`, 'utf8');
  const pointers = new NativeWords(strings.length);
  try {
    const address = addressOf(text);
    let start = 0;
    for (let index = 0; index < strings.length; index += 1) {
      pointers.words[index] = address + BigInt(start);
      start = text.indexOf(0, start) + 1;
    }
    native.check(api.fillStringTensor(value, pointers.address, strings.length), fail);
    return value;
  } catch (thrown) {
    api.releaseValue(value);
    throw thrown;
  } finally {
    pointers.free();
  }
}

/** The text of a value of `count` elements. */
export function readStrings(native: Native, name: string, value: bigint, count: number): string[] {
  const { api } = native.library;
  const fail = (message: string) => runError(message, name);
  const length = Number(native.result((out) => api.getStringTensorDataLength(value, out), fail));
  const text = Buffer.alloc(Math.max(1, length));
  const offsets = new NativeWords(count);
  try {
    native.check(api.getStringTensorContent(value, addressOf(text), length, offsets.address, count), fail);
    return Array.from({ length: count }, (_, index) => {
      const end = index + 1 < count ? Number(offsets.words[index + 1]) : length;
      return text.toString('utf8', Number(offsets.words[index]), end);
    });
  } finally {
    offsets.free();
  }
}
