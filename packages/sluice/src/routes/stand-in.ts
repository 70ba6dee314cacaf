import { CompiledRoute, Route } from './route.js';

/**
 * A compiled route made from an identity and major parameters alone, for a bucket that has no request to take one from.
 * The minor parameters stay placeholders.
 *
 * @param majorKey {@link CompiledRoute.majorParamHash}
 */
export function standInRoute(identity: string, majorKey: string): CompiledRoute {
  const space = identity.indexOf(' ');
  const method = identity.slice(0, space).replace(/\|.*/, '');
  const template = identity.slice(space + 1).replace(/ \(\w+\)$/, '');
  const [id = ''] = majorKey.split(':');
  const path = template.replace(/\{(channel|guild|webhook)\}/, id);
  const credential = template.includes('{token}') ? 'webhook' : 'bot';
  const shape = { template, kinds: [], major: -1, majorToken: -1, credential, mayHoldSecret: false } as const;
  return new CompiledRoute(new Route(method, template), path, shape, identity, majorKey);
}
