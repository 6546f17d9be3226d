/** Builds model.onnx: preprocessing, layers with trained weights, labels, and metadata that says where it came from. */
import { createHash } from 'node:crypto';
import { addPreprocessing, type PreparedData } from '@lockstep/data';
import { BINARY_THRESHOLD, buildServingGraph, encodeModel, MODEL_FORMAT, seal } from '@lockstep/model';
import { inTurns } from '@lockstep/protocol';
import { canonicalParameterBytes, inPieces, type ParameterLayout, SAMPLER_V1 } from '@lockstep/protocol/core';
import type { ResolvedJobSpec } from '@lockstep/spec';

/** What a model is exported from. */
export interface ExportOptions {
  readonly spec: ResolvedJobSpec;
  readonly resolvedYaml: string;
  readonly data: PreparedData;
  readonly layout: ParameterLayout;
  readonly parameters: Float32Array;
  readonly numericClass: string;
}

/** The bytes of model.onnx with their hashes, hex. */
export interface ExportedModel {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly parametersSha256: string;
}

/** SHA-256 over the trainable parameters in layer order, kernel then bias, row-major, little-endian float32. */
export function parametersSha256(parameters: Float32Array, layout: ParameterLayout): Promise<string> {
  return inTurns(sha256InPieces(canonicalParameterBytes(parameters, layout)));
}

/** SHA-256 over parts that follow each other, hex. */
function* sha256InPieces(parts: readonly Uint8Array[]): Generator<void, string> {
  const hash = createHash('sha256');
  for (const part of parts) {
    yield* inPieces(part.length, (start, end) => {
      hash.update(part.subarray(start, end));
    });
  }
  return hash.digest('hex');
}

/** Exports a trained model, whose parameters must not change meanwhile. */
export async function exportModel(options: ExportOptions): Promise<ExportedModel> {
  const { spec, data, layout, parameters } = options;
  const graph = buildServingGraph({
    layers: spec.model,
    loss: spec.train.loss,
    layout,
    parameters,
    task: spec.task,
    labels: data.labels,
    featureWidth: data.featureWidth,
    preprocessing: (builder) => addPreprocessing(builder, data.preprocessing),
  });
  const hash = await parametersSha256(parameters, layout);
  const body = encodeModel(graph, { metadata: metadataOf(options, hash) });
  const bytes = Buffer.concat([body, seal(await inTurns(sha256InPieces([body])))]);
  return { bytes, sha256: await inTurns(sha256InPieces([bytes])), parametersSha256: hash };
}

function metadataOf({ spec, resolvedYaml, data, numericClass }: ExportOptions, hash: string): Record<string, string> {
  return {
    'lockstep.format': MODEL_FORMAT,
    'lockstep.spec_sha256': createHash('sha256').update(resolvedYaml).digest('hex'),
    'lockstep.parameters_sha256': hash,
    'lockstep.lanes': String(spec.train.lanes),
    'lockstep.sampler': SAMPLER_V1,
    'lockstep.numeric_class': numericClass,
    'lockstep.labels': JSON.stringify(data.labels ?? []),
    'lockstep.threshold': spec.task === 'binary' ? String(BINARY_THRESHOLD) : '',
    'lockstep.task': spec.task,
    'lockstep.loss': spec.train.loss,
    'lockstep.schema': JSON.stringify(data.preprocessing),
  };
}
