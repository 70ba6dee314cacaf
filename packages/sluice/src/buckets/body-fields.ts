import { isPlainObject } from '../rules/plain-object.js';

/** The longest text that is parsed for its fields, in characters: a longer one would hold the event loop. */
const LONGEST_TEXT = 65_536;

const NO_FIELDS: readonly string[] = [];

/**
 * The names of a body's top-level fields, each of which may have a limit of its own (docs/theory.md, "Limits on fields
 * of the body"). The body is an object, JSON text, or a form with `payload_json`; any other has no fields.
 */
export function fieldsOf(body: unknown): readonly string[] {
  if (body === undefined || body === null) return NO_FIELDS;
  if (typeof body === 'string') return fieldsOfText(body);
  if (body instanceof FormData) return fieldsOfText(body.get('payload_json'));
  return isPlainObject(body) ? Object.keys(body) : NO_FIELDS;
}

function fieldsOfText(text: unknown): readonly string[] {
  if (typeof text !== 'string' || text.length > LONGEST_TEXT || !/^\s*\{/.test(text)) return NO_FIELDS;
  try {
    return Object.keys(JSON.parse(text) as object);
  } catch {
    return NO_FIELDS;
  }
}
