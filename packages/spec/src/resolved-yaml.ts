/** A resolved spec as YAML that parses back to the same resolved spec. */
import { stringify } from 'yaml';
import { jobSpecSchema, type ResolvedJobSpec } from './schema.js';

/** The text of spec.yaml: keys in the order of the schema, so that the same spec is always the same text. */
export function resolvedSpecYaml(spec: ResolvedJobSpec): string {
  const { task: _task, model, ...rest } = spec;
  const layers = model.map(({ type, ...settings }) => ({ [type]: settings }));
  const ordered = jobSpecSchema.parse({ ...rest, model: layers });
  return stringify(ordered, { version: '1.2', lineWidth: 0, aliasDuplicateObjects: false });
}
