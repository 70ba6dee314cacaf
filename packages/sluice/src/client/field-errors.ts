/** An error that Discord found in one field of a request's body. */
export interface FieldError {
  /** The path of the field, such as `embeds[0].fields[1].name`; empty when the error is about the whole body. */
  readonly path: string;
  /** Discord's code, such as `BASE_TYPE_REQUIRED`; empty when there is none. */
  readonly code: string;
  readonly message: string;
}

/** The deepest nesting that is read; deeper fields are ignored. */
const DEEPEST = 32;

/**
 * Flattens the `errors` of a Discord error: objects nested like the body, with arrays named `_errors` at the leaves.
 * Values of any other form are ignored.
 */
export function flattenFieldErrors(errors: unknown): FieldError[] {
  const found: FieldError[] = [];
  collect(errors, '', DEEPEST, found);
  return found;
}

function collect(node: unknown, path: string, depth: number, found: FieldError[]): void {
  if (node === null || typeof node !== 'object' || depth === 0) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '_errors') found.push(...endErrors(value, path));
    // The older format: { "username": ["This field is required"] }
    else if (Array.isArray(value)) found.push(...endErrors(value, join(path, key)));
    else collect(value, join(path, key), depth - 1, found);
  }
}

function endErrors(list: unknown, path: string): FieldError[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => {
    if (typeof item === 'string') return [{ path, code: '', message: item }];
    if (item === null || typeof item !== 'object') return [];
    const { code, message } = item as { code?: unknown; message?: unknown };
    return [{ path, code: textOf(code), message: textOf(message) }];
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function join(path: string, key: string): string {
  if (/^\d+$/.test(key)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
