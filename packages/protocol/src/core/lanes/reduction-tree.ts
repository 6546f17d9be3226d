/**
 * File 4 of one step: sums lanes in a fixed binary tree over lane numbers, so that any assignment of lanes to workers
 * and any order of arrival gives the same bits. The coordinator then updates: next file coordinator/core/update.ts.
 */

/** Lanes [first, end). */
export interface LaneRange {
  readonly first: number;
  readonly end: number;
}

/** Where a node of the tree splits: at the largest power of two below its size. */
function splitOf({ first, end }: LaneRange): number {
  return first + (1 << (31 - Math.clz32(end - first - 1)));
}

function keyOf({ first, end }: LaneRange): string {
  return `${first}-${end}`;
}

/**
 * The largest nodes of the tree over [0, laneCount) that the given lanes cover wholly; skipped lanes count as covered.
 * @param lanes any order, without skipped ones
 * @returns ascending ranges, together exactly the given lanes and skipped ones between them
 */
export function alignedRanges(
  lanes: readonly number[],
  laneCount: number,
  isSkipped: (lane: number) => boolean = () => false,
): LaneRange[] {
  const given = new Set(lanes);
  const ranges: LaneRange[] = [];
  const visit = (node: LaneRange): 'none' | 'some' | 'all' | 'skipped' => {
    if (node.end - node.first === 1) {
      if (isSkipped(node.first)) return 'skipped';
      return given.has(node.first) ? 'all' : 'none';
    }
    const split = splitOf(node);
    const left = { first: node.first, end: split };
    const right = { first: split, end: node.end };
    const before = ranges.length;
    const leftState = visit(left);
    if (leftState === 'all') ranges.push(left);
    const rightState = visit(right);
    if (rightState === 'all') ranges.push(right);
    if (leftState === 'skipped' && rightState === 'skipped') return 'skipped';
    const whole = [leftState, rightState].every((state) => state === 'all' || state === 'skipped');
    if (whole) {
      ranges.length = before;
      return 'all';
    }
    return leftState === 'none' && rightState === 'none' ? 'none' : 'some';
  };
  if (laneCount < 1) return ranges;
  const root = { first: 0, end: laneCount };
  if (visit(root) === 'all') ranges.push(root);
  return ranges;
}

/** left += right; may reuse and return `left`. `node` is what the sum covers. */
export type AddValues<Value> = (left: Value, right: Value, node: LaneRange) => Value;

/** Sums values of lane ranges in the fixed tree, whatever the order of arrival. */
export class ReductionTree<Value> {
  readonly #root: LaneRange;
  readonly #isSkipped: (lane: number) => boolean;
  readonly #add: AddValues<Value>;
  readonly #parents = new Map<string, { parent: LaneRange; sibling: LaneRange; isLeft: boolean }>();
  readonly #skippedNodes = new Set<string>();
  readonly #values = new Map<string, Value>();
  readonly #arrived: LaneRange[] = [];
  #total: Value | null = null;

  /**
   * @param laneCount lanes of the job
   * @param isSkipped lanes without rows, whose sibling passes through
   * @param sum makes the value of a node out of those of its halves
   */
  constructor(laneCount: number, isSkipped: (lane: number) => boolean, sum: AddValues<Value>) {
    this.#root = { first: 0, end: laneCount };
    this.#isSkipped = isSkipped;
    this.#add = sum;
    this.#link(this.#root);
  }

  /** Sum over every lane; null until the last one has arrived. */
  get total(): Value | null {
    return this.#total;
  }

  /** Whether any lane of the range has arrived. */
  has(range: LaneRange): boolean {
    return this.#arrived.some((other) => other.first < range.end && range.first < other.end);
  }

  /** Whether the range is a node of the tree, so that a worker may pre-sum it. */
  isNode(range: LaneRange): boolean {
    return (range.first === this.#root.first && range.end === this.#root.end) || this.#parents.has(keyOf(range));
  }

  /** Adds the sum of a node's lanes. @throws Error on a range that is no node, is skipped or overlaps one that arrived */
  addLane(range: LaneRange, value: Value): void {
    if (!this.isNode(range))
      throw new Error(`lanes ${keyOf(range)} are no node of the tree over ${this.#root.end} lanes`);
    if (this.#skippedNodes.has(keyOf(range))) throw new Error(`lanes ${keyOf(range)} have no rows`);
    if (this.has(range)) throw new Error(`lanes ${keyOf(range)} arrived twice`);
    this.#arrived.push(range);
    let node = range;
    let sum = value;
    for (;;) {
      const link = this.#parents.get(keyOf(node));
      if (!link) {
        this.#total = sum;
        return;
      }
      const siblingKey = keyOf(link.sibling);
      if (!this.#skippedNodes.has(siblingKey)) {
        const other = this.#values.get(siblingKey);
        if (other === undefined) {
          this.#values.set(keyOf(node), sum);
          return;
        }
        this.#values.delete(siblingKey);
        sum = link.isLeft ? this.#add(sum, other, link.parent) : this.#add(other, sum, link.parent);
      }
      node = link.parent;
    }
  }

  #link(node: LaneRange): boolean {
    let skipped: boolean;
    if (node.end - node.first === 1) {
      skipped = this.#isSkipped(node.first);
    } else {
      const split = splitOf(node);
      const left = { first: node.first, end: split };
      const right = { first: split, end: node.end };
      this.#parents.set(keyOf(left), { parent: node, sibling: right, isLeft: true });
      this.#parents.set(keyOf(right), { parent: node, sibling: left, isLeft: false });
      const leftSkipped = this.#link(left);
      const rightSkipped = this.#link(right);
      skipped = leftSkipped && rightSkipped;
    }
    if (skipped) this.#skippedNodes.add(keyOf(node));
    return skipped;
  }
}
