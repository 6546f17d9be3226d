/** Text of a table or a file for a terminal. */

/** What a terminal obeys or hides: control characters, and marks that turn the direction of the text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with every such character in the spelling of JSON: a cell cannot clear the screen or fake a line. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (sign) => SHORT[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
