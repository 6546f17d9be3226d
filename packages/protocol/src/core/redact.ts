/** Takes secrets out of what is logged: by the name of the field that holds them, and by what they look like in any text. */

/** What stands in their place. */
export const REDACTED = '[redacted]';

/** Fields of JSON whose whole value is secret, by how their names end: `token` and `sessionToken`, but not `tokenFile`. */
const SECRET_FIELD =
  /("[\w-]{0,64}?(?:tokens?|jwt|password|passphrase|secret|authorization|cookie|credentials?|creds|private[_-]?key|api[_-]?key|account[_-]?key)":)("(?:[^"\\]|\\.)*")/gi;

/** Secrets by what they look like, each with what is left of the match. Lengths are bounded: no text takes long. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  // A token of ours.
  [/\blkt_[\w-]{8,}/g, REDACTED],
  // A JSON Web Token, a user of NATS's too.
  [/(?<![\w-])eyJ[\w-]{8,4096}\.[\w-]{1,4096}\.[\w-]*/g, REDACTED],
  // A seed of NATS: S, the kind, and base32.
  [/\bS[AOUNCX][A-Z2-7]{56}\b/g, REDACTED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]{0,8192}?-----END [A-Z ]{0,40}PRIVATE KEY-----/g, REDACTED],
  // Headers that somebody put into a text.
  [/\bBearer\s+[\w.~+/=-]{16,}/gi, `Bearer ${REDACTED}`],
  [/\bBasic\s+[\w+/]{6,}={1,2}/gi, `Basic ${REDACTED}`],
  [/\b((?:set-)?cookie|authorization):\s*[^"\\]+/gi, `$1: ${REDACTED}`],
  // A login inside a URL.
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@"\\]{1,1024}@/gi, `$1${REDACTED}@`],
  // What signs a URL, or lets its holder in: S3, Google's and Azure's stores, and plain parameters.
  [
    /([?&](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|awsaccesskeyid|signature|sig|access_token|token|password|key)=)[^&\s"'\\]+/gi,
    `$1${REDACTED}`,
  ],
];

/** A line of JSON, or any text, without secrets. JSON stays JSON. */
export function redact(line: string): string {
  let text = line.replace(SECRET_FIELD, `$1"${REDACTED}"`);
  for (const [pattern, rest] of SECRET_TEXTS) text = text.replace(pattern, rest);
  return text;
}
