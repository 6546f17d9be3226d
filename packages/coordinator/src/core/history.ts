/** What each epoch ended with, as rows of history.csv. */

/** One epoch. */
export interface EpochRow {
  /** 1-based. */
  readonly epoch: number;
  readonly seconds: number;
  readonly learningRate: number;
  /** Training and validation metrics by name: loss, accuracy or mae, validation_loss... */
  readonly metrics: Readonly<Record<string, number>>;
}

/** The text of history.csv: one header, one line per epoch. */
export function historyCsv(rows: readonly EpochRow[]): string {
  const names = Object.keys(rows[0]?.metrics ?? { loss: 0 });
  const lines = rows.map((row) =>
    [row.epoch, ...names.map((name) => row.metrics[name] ?? ''), row.learningRate, row.seconds.toFixed(6)].join(','),
  );
  return `${[['epoch', ...names, 'learning_rate', 'seconds'].join(','), ...lines].join('\n')}\n`;
}
