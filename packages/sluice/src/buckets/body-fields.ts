import { isPlainObject } from '../rules/plain-object.js';

/** Longer texts are not looked into, in characters: what they cost would be felt. */
const LONGEST_TEXT = 65_536;

const NO_FIELDS: readonly string[] = [];

/**
 * The names of a body's top-level fields, of which each may have a limit of its own (facts part 4): of an object, of
 * JSON text, or of a form's `payload_json`. Anything else has none.
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
