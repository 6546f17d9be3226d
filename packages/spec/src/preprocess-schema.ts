/** The part of the job spec that says how columns become features. */
import { z } from 'zod';

const finite = z.number().finite();
const positive = finite.positive();

const missing = z.enum(['drop', 'mean', 'median', 'mode', 'constant', 'knn']);
const missingText = z.enum(['drop', 'mode', 'constant', 'category']);
const scale = z.enum(['standard', 'minMax', 'robust', 'quantile', 'quantileNormal', 'none']);
const encode = z.enum(['oneHot', 'ordinal']);
const unknown = z.enum(['ignore', 'error', 'other', 'rare']);
const action = z
  .enum(['flag', 'clip', 'drop'])
  .default('flag')
  .describe(
    'What is done with an outlier: `flag` adds a feature that is 1 there, `clip` cuts the value to the nearest bound, `drop` leaves the row out of training, never out of the test.',
  );
const minFrequency = positive.describe(
  'Categories met less often in the training rows become one, `(rare)`: a count from 1 on, a fraction of the rows below 1.',
);

const outliers = z
  .strictObject({
    method: z
      .enum(['zScore', 'iqr', 'isolationForest'])
      .describe(
        'How outliers are found: `zScore` by distance from the mean, `iqr` by distance from the quartiles, both per column; `isolationForest` by the whole row of numbers.',
      ),
    threshold: positive
      .optional()
      .describe(
        'zScore: standard deviations from the mean (3). iqr: interquartile ranges beyond the quartiles (1.5). isolationForest: score, between 0 and 1, above which a row is one (0.5).',
      ),
    action,
  })
  .describe('Numbers far from the others, as found in the training rows.');

const columnOutliers = z
  .strictObject({
    method: z.enum(['zScore', 'iqr', 'none']).describe('How outliers of this column are found; `none` looks for none.'),
    threshold: positive
      .optional()
      .describe('zScore: standard deviations from the mean (3). iqr: interquartile ranges beyond the quartiles (1.5).'),
    action,
  })
  .describe('Outliers of this column, in place of those of the whole table.');

const column = z
  .strictObject({
    missing: z
      .enum(['drop', 'mean', 'median', 'mode', 'constant', 'knn', 'category'])
      .optional()
      .describe('What an empty cell becomes. `mean`, `median` and `knn` are for numbers, `category` is for text.'),
    fill: z
      .union([finite, z.string(), z.boolean()])
      .optional()
      .describe(
        'The value that `missing: constant` puts in: a number, a text, `true` or `false`, a date as the cells of the column are written.',
      ),
    indicator: z.boolean().optional().describe('Adds a feature that is 1 where the cell is missing.'),
    outliers: columnOutliers.optional(),
    scale: scale.optional().describe('Scaling of a numeric column.'),
    encode: encode.optional().describe('Encoding of a text column.'),
    dateParts: z
      .array(z.enum(['timestamp', 'year', 'month', 'dayOfMonth', 'dayOfWeek', 'hour']))
      .min(1)
      .optional()
      .describe('What a date becomes, each a number of its own. Default: timestamp, milliseconds since 1970.'),
    unknown: unknown.optional().describe('What becomes of a category not seen in training.'),
    minFrequency: minFrequency.optional(),
  })
  .describe('Settings of one column; what is left out comes from the whole table.');

/** Schema of `preprocess`. */
export const preprocess = z
  .strictObject({
    missing: missing
      .default('mean')
      .describe(
        'What an empty numeric cell becomes. Statistics come from the training rows only. `drop` leaves the row out, `knn` takes the mean of the nearest rows.',
      ),
    missingText: missingText
      .default('category')
      .describe('What an empty text cell becomes: `category` makes it a category of its own.'),
    fill: finite.default(0).describe('The number that `missing: constant` puts in.'),
    fillText: z.string().default('missing').describe('The text that `missingText: constant` puts in.'),
    neighbors: z.int().min(1).max(100).default(5).describe('Rows that `missing: knn` takes the mean of.'),
    indicator: z
      .boolean()
      .default(false)
      .describe('Adds a feature per column with missing cells in training that is 1 where the cell is missing.'),
    outliers: outliers.optional(),
    scale: scale
      .default('standard')
      .describe(
        'Scaling of numeric features, computed in float64: `robust` by median and interquartile range, `quantile` by rank to 0..1, `quantileNormal` by rank to a normal distribution.',
      ),
    encode: encode
      .default('oneHot')
      .describe('Encoding of text columns: one column per category, or its position in sorted order.'),
    unknown: unknown
      .default('ignore')
      .describe(
        'A category not seen in training: `ignore` encodes it as none of the known ones, `error` refuses the batch, `other` gives it a column (one-hot) or position (ordinal) of its own, `rare` those of the rare categories.',
      ),
    minFrequency: minFrequency.optional(),
    maxCategories: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe('A text column with more categories is refused before anything is allocated.'),
    columns: z.record(z.string(), column).default({}).describe('Settings per column.'),
  })
  .describe('How columns become features. Fitted on training rows only and exported into model.onnx.');

export type PreprocessSpec = z.output<typeof preprocess>;
export type ColumnSpec = z.output<typeof column>;
export type OutlierSpec = z.output<typeof outliers>;
