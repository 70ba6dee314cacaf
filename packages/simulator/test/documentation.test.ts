import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseModelConfig } from '../src/config.js';

const PAGE = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/```json\n(.*?)```/gs)].map(([, example = '']) => example);
const RULE = { methods: ['GET'], path: '/guilds/{guild}', bucket: 'b', limit: 1, period: 1, window: 'fixed' };
const MODEL_OPTIONS = ['globalLimit', 'invalidRequests', 'faults'];

test('the page has examples', () => {
  expect(EXAMPLES.length).toBeGreaterThan(5);
});

test.each(EXAMPLES)('an example is valid: %s', (example) => {
  const content = JSON.parse(example);
  const isModel = MODEL_OPTIONS.some((name) => Object.hasOwn(content, name));
  // An example that is neither a list of rules nor options of the model holds fields of one rule.
  const config = isModel ? content : { routes: Array.isArray(content) ? content : [{ ...RULE, ...content }] };
  expect(() => parseModelConfig(config)).not.toThrow();
});
