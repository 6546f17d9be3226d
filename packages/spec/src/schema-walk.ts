/** Walks the zod schema: what is at a path, with defaults and options taken off. */
import type { z } from 'zod';
import { gradientSchemas } from './gradients-schema.js';
import { jobSpecSchema, layerSchemas, optimizerSchemas, scheduleSchemas } from './schema.js';

/** Inside of a zod schema as far as it is used here. */
interface Inner {
  readonly def: {
    readonly type: string;
    readonly innerType?: z.ZodType;
    readonly element?: z.ZodType;
    readonly options?: readonly z.ZodType[];
    readonly entries?: Readonly<Record<string, string>>;
    readonly values?: readonly unknown[];
    readonly defaultValue?: unknown;
    readonly valueType?: z.ZodType;
  };
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

/** The parts of a schema that walking needs. */
export function inside(schema: z.ZodType): Inner {
  return schema as unknown as Inner;
}

/** The schema below defaults, options and nulls. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType } = inside(schema).def;
  return innerType ? unwrap(innerType) : schema;
}

/** Keys of an object schema with their schemas; empty for anything else. */
export function keysOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  return inside(unwrap(schema)).shape ?? {};
}

/** Layers, optimizers and schedules by the path that their names stand at. */
export const NAMED: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = {
  model: layerSchemas,
  'train.optimizer': optimizerSchemas,
  'train.schedule': scheduleSchemas,
  'train.gradients': gradientSchemas,
};

/** Names of layers, optimizers or schedules that may stand at a path without list positions. */
export function namesAt(path: readonly string[]): readonly string[] {
  const at = path.join('.');
  return Object.hasOwn(NAMED, at) ? Object.keys(NAMED[at]!) : [];
}

/** Schema of the layer, optimizer or schedule of a name, or null. */
export function namedAt(path: readonly string[], name: unknown): z.ZodType | null {
  const at = path.join('.');
  const schemas = Object.hasOwn(NAMED, at) ? NAMED[at]! : {};
  return typeof name === 'string' && Object.hasOwn(schemas, name) ? schemas[name]! : null;
}

/** The schema at a dotted path without list positions, or null. A name below `model`, `train.optimizer`... picks that schema. */
export function schemaAt(path: readonly string[]): z.ZodType | null {
  let schema: z.ZodType = jobSpecSchema;
  const trail: string[] = [];
  for (const part of path) {
    const named = namedAt(trail, part);
    const { valueType } = inside(unwrap(schema)).def;
    const keys = keysOf(schema);
    const next = named ?? (Object.hasOwn(keys, part) ? keys[part] : valueType);
    if (!next) return null;
    schema = next;
    trail.push(part);
  }
  return schema;
}

/** Values that a schema allows, where they can be listed. */
export function allowedValues(schema: z.ZodType): readonly string[] {
  const { def } = inside(unwrap(schema));
  if (def.type === 'enum') return Object.values(def.entries ?? {});
  if (def.type === 'literal') return (def.values ?? []).map(String);
  if (def.type === 'union') return (def.options ?? []).flatMap((option) => allowedValues(option));
  return [];
}
