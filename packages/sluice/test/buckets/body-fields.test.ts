import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../src/buckets/body-fields.js';

function form(payload: string): FormData {
  const data = new FormData();
  data.append('payload_json', payload);
  return data;
}

describe('the fields of a body', () => {
  it.each([
    ['an object', { name: 'x', topic: null }, ['name', 'topic']],
    ['JSON text', ' {"name": "x", "nested": {"a": 1}}', ['name', 'nested']],
    ['a form with payload_json', form('{"content":"x"}'), ['content']],
    ['a form without', new FormData(), []],
    ['nothing', undefined, []],
    ['null', null, []],
    ['a list', [{ name: 'x' }], []],
    ['a list as text', '[{"name":"x"}]', []],
    ['malformed text', '{"name":', []],
    ['text of great length', `{"a":"${'x'.repeat(70_000)}"}`, []],
    ['bytes', new Uint8Array(3), []],
    ['a stream', new ReadableStream(), []],
  ])('are those of %s', (_, body, fields) => {
    expect(fieldsOf(body)).toEqual(fields);
  });
});
