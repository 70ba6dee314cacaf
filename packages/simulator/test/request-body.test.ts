import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../src/server.js';

let simulator: Simulator;

beforeEach(async () => {
  const subLimits = [{ fields: ['name'], limit: 1, period: 60_000 }];
  simulator = await startSimulator({
    routes: [{ methods: ['POST'], path: '/x', bucket: 'b', limit: 9, period: 1000, window: 'fixed', subLimits }],
  });
});

afterEach(() => simulator.close());

/** The verdict on a request with the body, after another request that used up the sub-limit of `name`. */
async function verdictOn(body: NonNullable<RequestInit['body']>, type?: string): Promise<string | undefined> {
  const post = (init: RequestInit) => fetch(`${simulator.url}/x`, { method: 'POST', ...init });
  const json = { 'content-type': 'application/json' };
  await post({ headers: json, body: '{"name":"first"}' });
  await post({ body, headers: type === undefined ? {} : { 'content-type': type } });
  return simulator.journal[1]?.verdict;
}

function form(payload: string | Blob): FormData {
  const data = new FormData();
  data.set('files[0]', new Blob([new Uint8Array(50_000)]), 'name.bin');
  data.set('payload_json', payload);
  return data;
}

describe('a field of the body counts in its sub-limit', () => {
  test.each([
    ['JSON', '{"name":"n"}', 'application/json'],
    ['JSON with a charset', '{"name":"\u00e9"}', 'Application/JSON; charset=utf-8'],
    ['a form', form('{"name":"n"}'), undefined],
    ['a form with a type of its part', form(new Blob(['{"name":"n"}'], { type: 'application/json' })), undefined],
  ])('in %s', async (_name, body, type) => {
    expect(await verdictOn(body, type)).toBe('sub-limit');
  });
});

describe('no field is seen', () => {
  test.each([
    ['in JSON without it', '{"topic":"t"}', 'application/json'],
    ['in JSON that is broken', '{"name":', 'application/json'],
    ['in other types', '{"name":"n"}', 'text/plain'],
    ['in a form without payload_json', new FormData(), undefined],
    ['in a form that is broken', 'name', 'multipart/form-data; boundary=x'],
  ])('%s', async (_name, body, type) => {
    expect(await verdictOn(body, type)).toBe('admitted');
  });
});
