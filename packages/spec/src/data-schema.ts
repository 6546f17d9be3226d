/** Which table a job learns from, what its cells mean, and how its rows are divided. */
import { z } from 'zod';

/** What can stand between the cells of CSV. */
export const CSV_DELIMITER = /^[\t !#$%&'()*+,/:;<=>?@[\\\]^_`{|}~]$/;
/** What can stand around the cells of CSV; nothing where a quote is a character like others. */
export const CSV_QUOTE = /^["'`|$%&~^#*@!]?$/;

const finite = z.number().finite();
const fraction = finite.min(0).lt(1);
const seed = z.int().min(0).max(0xffff_ffff);

const labels = z
  .strictObject({
    trim: z.boolean().default(true).describe('Takes blanks around a label off.'),
    foldCase: z
      .boolean()
      .default(false)
      .describe('Takes labels that differ only in case for one class, named by its most frequent spelling.'),
    positive: z
      .union([z.string(), finite, z.boolean()])
      .optional()
      .describe('The positive one of two classes. Default: the second by value, or in the order of their characters.'),
    onUnusable: z
      .enum(['fail', 'drop'])
      .default('fail')
      .describe(
        'A row without a label, or with one that is no finite number in a regression: `fail` refuses the table, `drop` leaves the row out and counts it.',
      ),
  })
  .describe('How the cells of the label become classes or numbers. Part of the model.');

/** `data` of the spec. */
export const data = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .describe(
        'The table to learn from, relative to the folder of the spec: a file, a folder, or a pattern such as `parts/*.csv`.',
      ),
    format: z
      .enum(['auto', 'csv', 'parquet', 'jsonl'])
      .default('auto')
      .describe('Format of the files. `auto` goes by the ending of the name, then by the content.'),
    delimiter: z
      .string()
      .regex(CSV_DELIMITER, 'must be one character that can stand between cells')
      .optional()
      .describe('What stands between the cells of CSV. Default: found in the header, of `,` `;` tab and `|`.'),
    quote: z
      .string()
      .regex(CSV_QUOTE, 'must be one character that can stand around cells, or empty')
      .default('"')
      .describe(
        'What stands around cells of CSV that hold delimiters or line breaks, doubled inside of them; empty where a quote is a character like others.',
      ),
    encoding: z
      .enum(['auto', 'utf-8', 'utf-16', 'latin1'])
      .default('auto')
      .describe(
        'Encoding of text files. `auto` is UTF-8, or UTF-16 where a byte order mark says so. `latin1` is Windows-1252, of which Latin-1 is part.',
      ),
    onBadRow: z
      .enum(['fail', 'skip'])
      .default('fail')
      .describe(
        'What becomes of rows that cannot be used: `fail` names them all and refuses the data, `skip` leaves them out and lists them in rejects.csv.',
      ),
    label: z.string().min(1).describe('Column to predict.'),
    labels: labels.prefault({}),
    ignore: z.array(z.string().min(1)).default([]).describe('Columns that are not features, such as row ids.'),
    weight: z
      .string()
      .min(1)
      .optional()
      .describe('Column of numbers from 0 on that the losses of training rows are multiplied by. It is not a feature.'),
    types: z
      .record(z.string(), z.enum(['number', 'text', 'boolean', 'date']))
      .default({})
      .describe(
        'Type of a column where the one found in the file is not meant, for example a numeric code: `{zip: text}`.',
      ),
    dateFormats: z
      .record(z.string(), z.string().min(1).max(100))
      .default({})
      .describe('How the dates of a column are written, where that is not ISO 8601: `{sold: dd.MM.yyyy HH:mm}`.'),
    timeZone: z.string().min(1).default('UTC').describe('Time zone of times that have no offset of their own.'),
    decimal: z.enum(['.', ',']).default('.').describe('Sign between the whole part of a number and its fraction.'),
    thousands: z
      .enum(['', '.', ',', ' ', "'"])
      .default('')
      .describe('Sign between thousands, in groups of three digits; empty where there is none.'),
    nulls: z
      .array(z.string())
      .default(['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', '?'])
      .describe('Spellings of a missing value in unquoted cells.'),
  })
  .describe('Where the data is and what its columns mean.');

/** `split` of the spec. */
export const split = z
  .strictObject({
    test: fraction.default(0.2).describe('Fraction of the rows kept for the test metrics at the end. 0 keeps none.'),
    validation: fraction.default(0).describe('Fraction of the rows measured after each epoch. 0 keeps none.'),
    seed: seed.default(42).describe('Seed of the split. `--seed` does not change it.'),
    stratify: z
      .boolean()
      .optional()
      .describe(
        'Keep the label proportions in every part. Default: true for classification without groupBy and orderBy.',
      ),
    groupBy: z
      .string()
      .min(1)
      .optional()
      .describe('Column whose equal values stay together in one part, such as a customer. It is not a feature.'),
    orderBy: z
      .string()
      .min(1)
      .optional()
      .describe('Column of numbers or dates: the last rows by it are the test rows, those before are for validation.'),
  })
  .describe('How rows are divided into training, validation and test.');
