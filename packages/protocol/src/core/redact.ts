/** Takes secrets out of what is logged: by the name of what holds them, and by what they look like in any text. */

/** What stands in their place. */
export const REDACTED = '[redacted]';

/** How names of secrets end: `token` and `sessionToken`, but not `tokenFile`. */
const SECRET_NAMES: readonly RegExp[] = [
  /(?:tokens?|jwt|passwords?|passwd|pwd|passphrase|secrets?|authorization|cookies?|credentials?|creds)$/i,
  /(?:access|account|api|encryption|master|private|secret|shared|signing)[-_]?key$/i,
  // Not of a compass.
  /(?:^|[-_.])pass$/i,
  /[a-z]Pass$/,
  // The cookie of the dashboard.
  /(?:^|[-_.])lockstep_session(?:_\d+)?$/i,
];

/** Of these a number is how many there are. */
const COUNTED = /(?:tokens?|pass)$/i;
/** A value of these may hold spaces: in a text it goes to the end of the line. */
const HEADERS = /(?:authorization|cookies?)$/i;
/** What is followed, in a list, by a secret: a header or an option of a command. */
const LISTED = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]+|--[\w-]+)$/i;

/** A name and what parts it from its value. Words are read once each: no text takes long. */
const NAME = /(?<![\w.$-])([\w.$-]+)(?:\\*["'`]?[^\S\n]*(?:=>?|:)[^\S\n]*|[^\S\n]+)/g;
const BARE_VALUE = /(?:[^\s"'`&;]|[&;](?![\w.-]+=))+/y;
const REST_OF_LINE = /[^\r\n]+/y;
const OPENING_QUOTE = /(\\*)(["'`])/y;
/** Words that follow the name of an option in a sentence. */
const PROSE = /^(?:and|are|as|asks|at|by|for|has|in|is|means|must|names|needs|of|on|or|takes|to|with|[A-Z]+)[.,:]?$/;

type Rule = readonly [pattern: RegExp, rest: string | ((...match: string[]) => string)];

/** Secrets by what they look like, each with what is left of the match. */
const SECRET_TEXTS: readonly Rule[] = [
  // A token of ours.
  [/\blkt_[\w-]{8,}/g, REDACTED],
  // A JSON Web Token, a user of NATS's too.
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REDACTED],
  // A seed of NATS: S, the kind, and base32.
  [/\bS[AOUNCX][A-Z2-7]{56}\b/g, REDACTED],
  // A key that was cut off goes to the end of the text.
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/\bBearer\s+[\w.~+/=-]{16,}/gi, `Bearer ${REDACTED}`],
  [
    /\bBasic\s+([\w+/]{6,}(={0,2}))/gi,
    (match = '', login = '', padding = '') => (padding || isLogin(login) ? `Basic ${REDACTED}` : match),
  ],
  [/:\/\/(?<=\b(\w+):\/\/)([^\s"<>\\]+)/gi, (_match, scheme = '', rest = '') => `://${withoutLogin(scheme, rest)}`],
  // What signs a URL, or lets its holder in: S3, Google's and Azure's stores.
  [
    /([?&#](?:x-amz-(?:signature|credential)|x-goog-(?:signature|credential)|awsaccesskeyid|signature|sig|key)=)[^&\s"'\\]+/gi,
    `$1${REDACTED}`,
  ],
];

/** A line of JSON, or any text, without secrets. JSON stays JSON. */
export function redact(line: string): string {
  if (!line.startsWith('{')) return redactText(line);
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return redactText(line);
  }
  return `${JSON.stringify(redactValue(parsed))}${line.endsWith('\n') ? '\n' : ''}`;
}

function isSecretName(name: string): boolean {
  return SECRET_NAMES.some((pattern) => pattern.test(name));
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) {
    return value.map((each: unknown, index) => (isListed(value[index - 1]) ? hide(each, '') : redactValue(each)));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      redactText(name),
      isSecretName(name) ? hide(each, name) : redactValue(each),
    ]),
  );
}

function isListed(before: unknown): boolean {
  return typeof before === 'string' && LISTED.test(before) && isSecretName(before) && !isFileOption(before);
}

/** A value with a secret name: the shape is left, and counts. */
function hide(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((each) => hide(each, name));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [redactText(key), hide(each, name)]));
  }
  return typeof value === 'string' || (typeof value === 'number' && !COUNTED.test(name)) ? REDACTED : value;
}

function redactText(text: string): string {
  let clean = redactNamed(text);
  for (const [pattern, rest] of SECRET_TEXTS) clean = clean.replace(pattern, rest as string);
  return clean;
}

/** Hides what follows secret names: `password=x`, `x-api-key: x`, `--token x`, and JSON inside a text. */
function redactNamed(text: string): string {
  let clean = '';
  let kept = 0;
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match; match = NAME.exec(text)) {
    const [whole, name = ''] = match;
    if (!isSecretName(name) || isFileOption(name)) continue;
    const isOption = whole.slice(name.length).trim() === '';
    if (isOption && !name.startsWith('--')) continue;
    const { start, end } = valueAt(text, match.index + whole.length, name);
    const value = text.slice(start, end);
    const isHarmless = (isOption && PROSE.test(value)) || (COUNTED.test(name) && /^[\d.]+[,;)}\]]*$/.test(value));
    if (start === end || isHarmless) continue;
    clean += text.slice(kept, start) + REDACTED;
    kept = end;
    NAME.lastIndex = end;
  }
  return clean + text.slice(kept);
}

/** `--nats-creds` names a file. */
function isFileOption(name: string): boolean {
  return /^--.*creds$/i.test(name);
}

interface Quoted {
  /** Of what is inside. */
  readonly start: number;
  readonly end: number;
  /** Behind the closing quote. */
  readonly next: number;
}

/** Where the value is that begins at a place of a text, without its quotes. */
function valueAt(text: string, place: number, name: string): Pick<Quoted, 'start' | 'end'> {
  const quoted = quotedAt(text, place);
  if (quoted) return quoted;
  if ('[{'.includes(text.charAt(place) || ' ')) return { start: place, end: bracketEnd(text, place) };
  const pattern = HEADERS.test(name) ? REST_OF_LINE : BARE_VALUE;
  pattern.lastIndex = place;
  return { start: place, end: place + (pattern.exec(text)?.[0].length ?? 0) };
}

/** What is inside quotes, escaped ones too: JSON in a text of JSON has a backslash before each quote. */
function quotedAt(text: string, place: number): Quoted | null {
  OPENING_QUOTE.lastIndex = place;
  const [whole, { length: depth } = '', quote = ''] = OPENING_QUOTE.exec(text) ?? [];
  if (whole === undefined) return null;
  const start = place + whole.length;
  let end = text.indexOf(quote, start);
  for (; end >= 0; end = text.indexOf(quote, end + 1)) {
    let first = end;
    while (first > start && text[first - 1] === '\\') first--;
    const backslashes = end - first;
    // A quote of the value itself has one escape more, an odd number of times.
    if (backslashes <= depth || Math.floor((backslashes - depth) / (depth + 1)) % 2 === 0) {
      return { start, end: end - Math.min(depth, backslashes), next: end + 1 };
    }
  }
  return { start, end: text.length, next: text.length };
}

/** Where a list or an object ends, or the text. */
function bracketEnd(text: string, place: number): number {
  const parts = /\\*["'`]|\\+|[[\]{}]/g;
  parts.lastIndex = place;
  let depth = 0;
  for (let part = parts.exec(text); part; part = parts.exec(text)) {
    if (/^[[{]/.test(part[0])) depth++;
    else if (/^[\]}]/.test(part[0])) depth--;
    else parts.lastIndex = quotedAt(text, part.index)?.next ?? parts.lastIndex;
    if (depth === 0) return parts.lastIndex;
  }
  return text.length;
}

/** Whether a text is `user:password` in base64. */
function isLogin(base64: string): boolean {
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what no login holds
    return /^[^\x00-\x1f\x7f]*:[^\x00-\x1f\x7f]*$/.test(atob(base64));
  } catch {
    return false;
  }
}

/** What follows the `//` of a URL, without its login. One with a slash in it is known by a port that is none. */
function withoutLogin(scheme: string, rest: string): string {
  const [authority = ''] = /^[^/?#]*/.exec(rest) ?? [];
  const isHost = /^(?:https?|s3|gs|az|file)$/i.test(scheme) && /^[^:@]*(?::\d*)?$|^\[/.test(authority);
  const at = isHost ? -1 : rest.lastIndexOf('@');
  return at < 0 ? rest : `${REDACTED}${rest.slice(at)}`;
}
