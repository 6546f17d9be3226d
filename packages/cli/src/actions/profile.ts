/** Looks at a table and says what it found, on the terminal, as a page and as JSON. */
import { resolve } from 'node:path';
import { PLAIN_NUMBERS, profileTable } from '@lockstep/data';
import { refuseOwnInput, writeOutputFile } from '../output-file.js';
import { type NumberFlags, numbersOf, type ReadingFlags, readingOf } from '../reading-flags.js';
import { profilePage } from '../render/profile-page.js';
import { profileText } from '../render/profile-text.js';
import { findInput } from '../table-input.js';

/** Options of `lockstep profile`. */
export interface ProfileOptions extends ReadingFlags, NumberFlags {
  readonly label?: string | undefined;
  readonly html?: string | undefined;
  readonly json?: true | undefined;
}

/** Runs `lockstep profile`. @throws LockstepError DATA_COLUMN_NOT_FOUND, DATA_EMPTY, and those of reading */
export async function profile(dataPath: string, options: ProfileOptions): Promise<void> {
  const { label, html, json } = options;
  const reading = { ...readingOf(options), numbers: numbersOf(options, PLAIN_NUMBERS) };
  const page = html === undefined ? null : resolve(html);
  const { name, files, paths } = await findInput(dataPath);
  if (page) await refuseOwnInput(page, paths, '--html');
  const found = await profileTable({ files, name, label, ...reading });
  if (page) await writeOutputFile(page, profilePage(found), '--html');
  process.stdout.write(json ? `${JSON.stringify({ ...found, html: page })}\n` : profileText(found));
  if (page && !json) process.stdout.write(`page: ${page}\n`);
}
