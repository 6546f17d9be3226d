/** Evaluates fixed-size chunks of rows: validation rows, or test rows through the exported model as well. */
import type { ChunkResult, EvaluateCommand__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { largestDifference } from './core/difference.js';
import { type Scoring, sumRows } from './core/sums.js';
import type { CurrentActivity } from './current-activity.js';
import type { EvaluationGraph, EvaluationResults } from './evaluation-graph.js';
import { DEFAULT_COMMAND_TIMEOUT_MS } from './limits.js';
import type { ParameterLinks } from './ports.js';
import { type RowReader, rowRange } from './row-reader.js';
import type { TestModel } from './test-model.js';
import { wantedVersion } from './wanted-version.js';

/** What chunks of one job are evaluated with. */
export interface EvaluationPorts {
  readonly parameters: ParameterLinks;
  readonly evaluation: EvaluationGraph;
  readonly validation: RowReader;
  readonly testPrepared: RowReader;
  /** The exported model of that SHA-256. */
  readonly testModel: (sha256: string) => Promise<TestModel>;
  readonly scoring: Scoring;
  readonly chunkRows: number;
}

/**
 * Evaluates the chunks of a command in order.
 * @yields one result per chunk
 * @throws LockstepError when parameters, data or engine fail
 */
export async function* evaluateChunks(
  command: EvaluateCommand__Output,
  ports: EvaluationPorts,
  activity: Pick<CurrentActivity, 'enter'>,
): AsyncGenerator<ChunkResult> {
  const wanted = wantedVersion(command);
  const source = ports.parameters(command.host);
  const parameters = await source.whenComplete(wanted, command.timeoutMs || DEFAULT_COMMAND_TIMEOUT_MS);
  activity.enter('evaluate');
  const isTest = command.source === 'EVALUATION_SOURCE_TEST';
  const reader = isTest ? ports.testPrepared : ports.validation;
  const model = isTest ? await ports.testModel(command.modelSha256) : null;
  for (const chunk of command.chunks) {
    const start = chunk * ports.chunkRows;
    const end = Math.min(start + ports.chunkRows, reader.rowCount);
    if (start >= end)
      throw new LockstepError('PROTOCOL_VIOLATION', { message: `There is no evaluation chunk ${chunk}.` });
    await reader.gather(rowRange(start, end), ports.evaluation.batch);
    const results = await ports.evaluation.run(parameters, end - start);
    if (!source.holds(wanted)) {
      const message = `Version ${command.version} was replaced by a later one during an evaluation.`;
      throw new LockstepError('LANE_FAILED', { message });
    }
    yield model
      ? await testChunk(chunk, { start, end }, results, model, ports.scoring)
      : plainChunk(chunk, end - start, results, ports.scoring);
  }
}

function plainChunk(chunk: number, rows: number, results: EvaluationResults, scoring: Scoring): ChunkResult {
  const sums = sumRows(rows, results, scoring);
  return { chunk, rows, weight: sums.denominator, loss: sums.loss, metric: sums.metric };
}

async function testChunk(
  chunk: number,
  { start, end }: { start: number; end: number },
  results: EvaluationResults,
  model: TestModel,
  scoring: Scoring,
): Promise<ChunkResult> {
  const outputs = await model.run(start, end);
  const rows = end - start;
  // The model's own outputs count, since its weights round differently from weights that are inputs.
  const sums = sumRows(rows, { ...results, scores: outputs }, { ...scoring, scoresAreLogits: false });
  return {
    ...{ chunk, rows, weight: sums.denominator, loss: sums.loss, metric: sums.metric },
    outputs: bytesOf(outputs),
    targets: bytesOf(results.target.slice(0, rows)),
    difference: largestDifference(outputs, results.probabilities),
  };
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
