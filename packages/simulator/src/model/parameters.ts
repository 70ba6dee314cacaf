import { createHash } from 'node:crypto';

/** Candidates for major parameters. The first whose leading parameter occurs in a path applies. */
const MAJOR_PARAMETERS = [['channel'], ['guild'], ['webhook', 'token']] as const;

/** A short text that distinguishes secrets without holding any. */
export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 32);
}

/** The parameters of a path, with a digest in place of a token. */
export function withoutSecrets(parameters: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const token = parameters.get('token');
  return token === undefined ? parameters : new Map(parameters).set('token', digest(token));
}

/** The major parameters of a path as part of a key. */
export function majorParameters(parameters: ReadonlyMap<string, string>): string {
  return parameterKey(parameters, MAJOR_PARAMETERS.find(([leading]) => parameters.has(leading)) ?? []);
}

/** The named parameters that a path has, as part of a key. */
export function parameterKey(parameters: ReadonlyMap<string, string>, names: readonly string[]): string {
  const values = names.filter((name) => parameters.has(name)).map((name) => `${name}=${parameters.get(name)}`);
  return values.join(',') || '-';
}
