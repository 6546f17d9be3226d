/** What a schema allows, in words: "a whole number from 1 to 1000", "mse or hinge", "true or false". */
import { z } from 'zod';

/** The part of JSON Schema that the job spec uses. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** What may stand where a schema is asked for. */
export function constraintText(schema: z.ZodType): string {
  return textOf(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);
}

function textOf(schema: JsonSchema): string {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return joined([...new Set(alternatives.map(textOf))]);
  if (schema.enum) return joined(schema.enum.map(shown));
  if (schema.const !== undefined) return String(schema.const);
  if (Array.isArray(schema.type)) return joined(schema.type.map((type: string) => textOf({ type })));
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'string':
      return schema.maxLength ? `text of ${schema.minLength ?? 0} to ${schema.maxLength} characters` : 'text';
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list of ${count(schema)}${schema.items?.type === 'string' ? 'texts' : 'maps'}`;
    case 'object':
      return schema.properties && Object.keys(schema.properties).length === 0 ? '{}' : 'a map';
    case 'null':
      return 'nothing';
    default:
      throw new Error(`no words for ${JSON.stringify(schema)}`);
  }
}

/** A value that is no word stands in quotes. */
function shown(value: unknown): string {
  return typeof value === 'string' && !/^\w+$/.test(value) ? JSON.stringify(value) : String(value);
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const parts: string[] = [];
  if (exclusiveMinimum !== undefined) parts.push(`above ${exclusiveMinimum}`);
  else if (minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER) parts.push(`from ${minimum}`);
  if (exclusiveMaximum !== undefined) parts.push(`to below ${exclusiveMaximum}`);
  else if (maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER) parts.push(`to ${maximum}`);
  return parts.length > 0 ? ` ${parts.join(' ')}` : '';
}

function count({ minItems, maxItems }: JsonSchema): string {
  return maxItems === undefined ? '' : `${minItems ?? 0} to ${maxItems} `;
}

function joined(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join('');
  return `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
}
