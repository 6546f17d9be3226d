/** Fields of a .proto text and of the schema generated from it, as "Message.field = 1", so that they can be compared. */
import type { DescFile, DescMessage } from '@bufbuild/protobuf';

/** Those of a text, sorted. */
export function fieldsOfText(text: string): string[] {
  const path: string[] = [];
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const opened = /^\s*(message|enum|oneof) (\w+) \{/.exec(line);
    if (opened) path.push(opened[1] === 'message' ? opened[2]! : '');
    else if (/^\s*\}/.test(line)) path.pop();
    const field = /^\s*(?:optional |repeated |)(?:[\w.]+|map<[\w, .]+>) (\w+) = (\d+)/.exec(line);
    if (field && path.length > 0) found.push(`${path.filter(Boolean).join('.')}.${field[1]} = ${field[2]}`);
  }
  return found.sort();
}

/** Those of a schema, sorted. */
export function fieldsOfSchema({ messages, proto }: DescFile): string[] {
  return messages.flatMap((message) => fieldsOf(message, `${proto.package}.`)).sort();
}

function fieldsOf(message: DescMessage, prefix: string): string[] {
  const name = message.typeName.slice(prefix.length);
  const own = message.fields.map((field) => `${name}.${field.name} = ${field.number}`);
  return [...own, ...message.nestedMessages.flatMap((nested) => fieldsOf(nested, prefix))];
}
