import { createHash } from 'node:crypto';

/** The first of these whose leading parameter a path has are its major parameters (facts, part 2). */
const MAJOR_PARAMETERS = [['channel'], ['guild'], ['webhook', 'token']] as const;

/** A short text that tells secrets apart without holding any. */
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

/** Those of the named parameters that a path has, as part of a key. */
export function parameterKey(parameters: ReadonlyMap<string, string>, names: readonly string[]): string {
  const values = names.filter((name) => parameters.has(name)).map((name) => `${name}=${parameters.get(name)}`);
  return values.join(',') || '-';
}
