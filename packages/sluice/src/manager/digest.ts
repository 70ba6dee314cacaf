import { createHash } from 'node:crypto';

/** The digest of requests without authorization. */
export const NO_AUTHORIZATION = 'none';

/** The digest of an authorization: the only form in which it is kept. */
export function digestOf(authorization: string | undefined): string {
  return authorization === undefined
    ? NO_AUTHORIZATION
    : createHash('sha256').update(authorization).digest('hex').slice(0, 32);
}

/** Whether a text may be a digest of {@link digestOf}. */
export function isDigest(text: string): boolean {
  return text === NO_AUTHORIZATION || /^[0-9a-f]{32}$/.test(text);
}
