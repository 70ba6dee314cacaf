/** What of a thrown error is looked at before it counts as too large to be sure of. */
const MOST_OBJECTS = 200;

/**
 * What a transport threw, as it may be shown: the same, or, if it holds a secret (Deno and Bun quote the URL), a new
 * error with nothing but its name and code.
 */
export function withoutSecrets(cause: unknown, secrets: readonly string[]): unknown {
  if (!holdsSecret(cause, secrets)) return cause;
  const { name, code } = cause as { name?: unknown; code?: unknown };
  const what = [name, code].filter((text) => typeof text === 'string' && !holdsSecret(text, secrets));
  return new Error(`${what.join(' ') || 'Error'}: the details held a secret of the request and were left out`);
}

function holdsSecret(value: unknown, secrets: readonly string[]): boolean {
  const seen = new Set<unknown>([value]);
  // Grows while it is read.
  for (const item of seen) {
    if (typeof item === 'string' && secrets.some((secret) => item.includes(secret))) return true;
    if (item === null || typeof item !== 'object') continue;
    for (const { value: part } of Object.values(Object.getOwnPropertyDescriptors(item))) seen.add(part);
    if (seen.size > MOST_OBJECTS) return true;
  }
  return false;
}
