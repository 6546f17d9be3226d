import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fieldsOfSchema, fieldsOfText } from '../../../../../test/support/proto-fields.js';
import { file_event } from './gen/event_pb.js';

it('the generated schema of event files is that of event.proto', () => {
  const written = fieldsOfText(readFileSync(new URL('./event.proto', import.meta.url), 'utf8'));
  expect(written.length).toBeGreaterThan(25);
  expect(fieldsOfSchema(file_event)).toEqual(written);
});
