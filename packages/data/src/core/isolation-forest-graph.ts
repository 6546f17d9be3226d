/** An isolation forest as one TreeEnsembleRegressor of ai.onnx.ml, with thresholds in float64. */
import { attribute, type GraphBuilder } from '@lockstep/model';
import type { IsolationForest } from './isolation-forest.js';

/** Adds the sum of path lengths of each row. @param filled [N, columns of the forest] float64 @returns [N, 1] float32, exact */
export function addForestSum(builder: GraphBuilder, { trees }: IsolationForest, filled: string): string {
  const nodes = trees.flatMap(({ column, value, left }, tree) =>
    column.map((at, node) => ({ tree, node, isLeaf: at < 0, column: at, value: value[node]!, left: left[node]! })),
  );
  const leaves = nodes.filter(({ isLeaf }) => isLeaf);
  const doubles = (values: readonly number[]) =>
    attribute.tensor({ name: '', type: 'float64', shape: [values.length], data: Float64Array.from(values) });
  return builder.node(
    'TreeEnsembleRegressor',
    [filled],
    {
      aggregate_function: attribute.string('SUM'),
      n_targets: attribute.int(1),
      nodes_treeids: attribute.ints(nodes.map(({ tree }) => tree)),
      nodes_nodeids: attribute.ints(nodes.map(({ node }) => node)),
      nodes_modes: attribute.strings(nodes.map(({ isLeaf }) => (isLeaf ? 'LEAF' : 'BRANCH_LEQ'))),
      nodes_featureids: attribute.ints(nodes.map(({ isLeaf, column }) => (isLeaf ? 0 : column))),
      nodes_values_as_tensor: doubles(nodes.map(({ isLeaf, value }) => (isLeaf ? 0 : value))),
      nodes_truenodeids: attribute.ints(nodes.map(({ left }) => left)),
      nodes_falsenodeids: attribute.ints(nodes.map(({ isLeaf, left }) => (isLeaf ? 0 : left + 1))),
      target_ids: attribute.ints(leaves.map(() => 0)),
      target_treeids: attribute.ints(leaves.map(({ tree }) => tree)),
      target_nodeids: attribute.ints(leaves.map(({ node }) => node)),
      target_weights_as_tensor: doubles(leaves.map(({ value }) => value)),
    },
    { domain: 'ai.onnx.ml' },
  );
}
