import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSimulator } from '../src/server.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-simulator-'));
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function run(...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', timeout: 10_000 });
  return { stdout, stderr, status };
}

async function serve(...args: readonly string[]): Promise<{ line: string; url: string; process: ChildProcess }> {
  const process_ = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = process_;
  const [line] = (await once(createInterface(process_.stdout), 'line')) as [string];
  return { line, url: line.split(' ').at(-1) ?? '', process: process_ };
}

function routesFile(content: string): string {
  const file = join(folder, 'routes.json');
  writeFileSync(file, content);
  return file;
}

test('serves the routes of a file, and says where', async () => {
  const rule = { methods: ['GET'], path: '/x', bucket: 'from-file', limit: 1, period: 1000, window: 'fixed' };
  const { line, url } = await serve('--routes', routesFile(JSON.stringify([rule])));
  expect(line).toMatch(/^Sluice simulator listening on http:\/\/127\.0\.0\.1:\d+$/);
  const response = await fetch(`${url}/api/v10/x`);
  expect(response.headers.get('x-ratelimit-bucket')).toBe('from-file');
});

test('takes all options of the model from a file, flags first', async () => {
  const content = { globalLimit: 1, invalidTokens: ['Bot gone'], faults: [{ kind: 'gateway', at: [3] }] };
  const { url } = await serve('--routes', routesFile(JSON.stringify(content)), '--global-limit', 'none');
  const status = async (authorization: string) =>
    (await fetch(`${url}/voice/regions`, { headers: { authorization } })).status;
  expect([await status('Bot gone'), await status('Bot x'), await status('Bot x'), await status('Bot x')]).toEqual([
    401, 200, 502, 200,
  ]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s closes it', async (signal) => {
  const { url, process: running } = await serve('--rtt', '1');
  await fetch(`${url}/gateway`);
  running.kill(signal);
  expect(await once(running, 'exit')).toEqual([0, null]);
});

test('prints its usage and version', () => {
  expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--global-limit <n>') });
  expect(run('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

describe('says in one sentence', () => {
  test.each([
    ['an unknown flag', ['--speed', '1'], "Unknown option '--speed'"],
    ['a bad value', ['--rtt', 'soon'], 'rtt must be a number of milliseconds of at least 0, not "soon"'],
    ['a file that is not there', ['--routes', '/nowhere.json'], 'Cannot read /nowhere.json: ENOENT'],
  ])('%s', (_name, args, message) => {
    const { stdout, stderr, status } = run(...args);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^sluice-simulator: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });

  test('a bad rule in a file', () => {
    const file = routesFile('[{"methods":["GET"],"path":"/x","bucket":"b","limit":"x","period":1,"window":"fixed"}]');
    expect(run('--routes', file)).toEqual({
      stdout: '',
      stderr: 'sluice-simulator: routes[0].limit must be a whole number of at least 1, not "x"\n',
      status: 2,
    });
  });

  test.each([
    ['{"port":1}', 'port is unknown; known are routes, globalLimit,'],
    ['7', 'configuration must be an object, not 7'],
  ])('a bad option in a file: %s', (content, message) => {
    expect(run('--routes', routesFile(content))).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
  });

  test('a file that is not JSON', () => {
    expect(run('--routes', routesFile('routes: []'))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^sluice-simulator: Cannot read .*routes\.json: [^\n]+\n$/),
    });
  });

  test('a port that is in use', async () => {
    await using other = await startSimulator();
    expect(run('--port', String(other.port))).toEqual({
      stdout: '',
      stderr: `sluice-simulator: Cannot listen on 127.0.0.1, port ${other.port}: the port is in use\n`,
      status: 1,
    });
  });
});
