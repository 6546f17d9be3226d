/** The part of the schema that says how gradients travel. */
import { z } from 'zod';
import { MAX_TOP_K_FRACTION } from './limits.js';

const plain = <Name extends string>(name: Name, described: string) =>
  z.strictObject({ type: z.literal(name) }).describe(described);

/** Schema of each way of gradients by its name. */
export const gradientSchemas = {
  float32: plain('float32', 'As they are.'),
  bfloat16: plain('bfloat16', '8 significant bits and the range of float32.'),
  float16: plain('float16', '11 significant bits, up to 65,504.'),
  int8: plain(
    'int8',
    'One byte for each element of a lane and one for the scale of each 1,024; what that leaves out is added to its next gradient.',
  ),
  topK: z
    .strictObject({
      type: z.literal('topK'),
      fraction: z
        .number()
        .gt(0)
        .max(MAX_TOP_K_FRACTION)
        .default(0.01)
        .describe('Share of the elements that a lane sends, at 8 bytes each; above 0.125 int8 is smaller.'),
    })
    .describe('The elements of a lane that are largest in size; the rest is added to its next gradient.'),
} as const;

const settings = z.discriminatedUnion('type', [
  gradientSchemas.float32,
  gradientSchemas.bfloat16,
  gradientSchemas.float16,
  gradientSchemas.int8,
  gradientSchemas.topK,
]);
const names = z.enum(['float32', 'bfloat16', 'float16', 'int8', 'topK']);

/** `train.gradients`. */
export const gradients = z
  .union([names, settings])
  .default('float32')
  .describe(
    'How gradients travel. bfloat16 and float16: lanes and their partial sums are rounded to it before they are added up, which halves the bytes. int8 and topK shorten each lane and add what was not sent to its next gradient: a quarter and less, but a lost worker sends the job back to its newest checkpoint (docs/performance.md).',
  );

/** How gradients travel, in its shortest form. */
export type GradientsSpec = 'float32' | 'bfloat16' | 'float16' | 'int8' | z.output<typeof gradientSchemas.topK>;
