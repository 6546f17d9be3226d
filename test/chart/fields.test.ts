/** Each key of a worker pool arrives in the pod; what rivals let people set has a key or a reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHART, find, read, render, tool, type Values } from './helm.ts';
import { POOL_FIELDS } from './pool-fields.ts';
import { RIVAL_FIELDS } from './rival-fields.ts';

tool('helm');

describe('worker pool', () => {
  it.each(Object.entries(POOL_FIELDS))('%s', (_, { set, at, expected }) => {
    const objects = render({ values: { workerPools: { cpu: null, gpu: null, x: set } } });
    const named = (kind: string): unknown =>
      objects.find((object) => object.kind === kind && object.metadata.name.endsWith('-worker-x'));
    const deployment = named('Deployment');
    const pod = read(deployment, 'spec.template');
    const from = {
      ...{ deployment, pod, worker: read(pod, 'spec.containers.0') },
      ...{ hpa: named('HorizontalPodAutoscaler'), pdb: named('PodDisruptionBudget'), account: named('ServiceAccount') },
    };
    expect(at.map((path) => read(from, path))).toEqual(expected);
  });

  it('has a test of each key that it knows', () => {
    const { workerDefaults } = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as { workerDefaults: Values };
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Values;
    const known = read(schema, '$defs.pool.properties') as Record<string, Values>;
    const keys = Object.entries(known).flatMap(([key, { properties }]) =>
      properties ? Object.keys(properties).map((inner) => `${key}.${inner}`) : [key],
    );
    expect(Object.keys(POOL_FIELDS).sort()).toEqual(keys.sort());
    expect(Object.keys(workerDefaults).sort()).toEqual(Object.keys(known).sort());
  });

  it('takes from workerDefaults what it does not say', () => {
    const objects = render({
      values: {
        workerDefaults: { priorityClassName: 'batch', nodeSelector: { zone: 'a' } },
        workerPools: { cpu: null, gpu: { enabled: true, nodeSelector: { 'nvidia.com/gpu.product': 'H100' } } },
      },
    });
    const spec = read(find(objects, 'Deployment', '-gpu'), 'spec.template.spec');
    expect(read(spec, 'priorityClassName')).toBe('batch');
    expect(read(spec, 'nodeSelector')).toEqual({ zone: 'a', 'nvidia.com/gpu.product': 'H100' });
    expect(read(spec, 'containers.0.resources.limits.nvidia\\com/gpu')).toBe(1);
    expect(read(spec, 'containers.0.resources.requests.nvidia\\com/gpu')).toBeUndefined();
    expect(read(spec, 'tolerations.0.key')).toBe('nvidia.com/gpu');
  });
});

describe('what rivals let people set for workers', () => {
  it.each(Object.entries(RIVAL_FIELDS))('%s has a tested key, or a reason', (_, answer) => {
    if ('field' in answer) expect(Object.keys(POOL_FIELDS)).toContain(answer.field);
    else expect(answer.reason.length).toBeGreaterThan(30);
  });
});
