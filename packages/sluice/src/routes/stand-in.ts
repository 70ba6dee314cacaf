import { CompiledRoute, Route } from './route.js';

/**
 * A request of which only the route's identity and the major parameters are known: to speak of a bucket that is at
 * rest, and to ask it for a permit. Its minor parameters stand as they do in the template.
 *
 * @param majors {@link CompiledRoute.majorParamHash}
 */
export function standInRoute(identity: string, majors: string): CompiledRoute {
  const space = identity.indexOf(' ');
  const method = identity.slice(0, space).replace(/\|.*/, '');
  const template = identity.slice(space + 1).replace(/ \(\w+\)$/, '');
  const [id = ''] = majors.split(':');
  const path = template.replace(/\{(channel|guild|webhook)\}/, id);
  const credential = template.includes('{token}') ? 'webhook' : 'bot';
  const shape = { template, kinds: [], major: -1, majorToken: -1, credential, mayHoldSecret: false } as const;
  return new CompiledRoute(new Route(method, template), path, shape, identity, majors);
}
