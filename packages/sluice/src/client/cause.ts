/** How many objects and values of a thrown error are searched. A larger error counts as containing a secret. */
const MOST_OBJECTS = 200;

/**
 * Returns what a transport threw if it contains no secret. Otherwise returns a new error with only the name and code of
 * the original: Deno and Bun quote the URL in theirs.
 */
export function withoutSecrets(cause: unknown, secrets: readonly string[]): unknown {
  if (!holdsSecret(cause, secrets)) return cause;
  const { name, code } = cause as { name?: unknown; code?: unknown };
  const known = [name, code].filter((text) => typeof text === 'string' && !holdsSecret(text, secrets));
  return new Error(`${known.join(' ') || 'Error'}: the details contained a secret of the request and were removed`);
}

function holdsSecret(value: unknown, secrets: readonly string[]): boolean {
  const seen = new Set<unknown>([value]);
  // The set grows while the loop iterates over it.
  for (const item of seen) {
    if (typeof item === 'string' && secrets.some((secret) => item.includes(secret))) return true;
    if (item === null || typeof item !== 'object') continue;
    for (const { value: part } of Object.values(Object.getOwnPropertyDescriptors(item))) seen.add(part);
    if (seen.size > MOST_OBJECTS) return true;
  }
  return false;
}
