import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../src/command-line.js';
import { table } from '../src/display.js';
import { GLOBAL_LIMIT, loads, PROCESSES } from '../src/load.js';
import type { Outcome } from '../src/outcome.js';

interface Ending {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the example as a user does. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ending> {
  const child = execFile(process.execPath, [fileURLToPath(new URL('../dist/main.js', import.meta.url)), ...args], {
    env,
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (text) => {
    stdout += text;
  });
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  await once(child, 'close');
  return { exitCode: child.exitCode, stdout, stderr };
}

describe('the example', () => {
  it('gets no 429 while its processes share their limits', async () => {
    const { exitCode, stdout, stderr } = await run(['--shared', '--seconds', '2', '--json']);
    const { shared } = JSON.parse(stdout) as { shared: Outcome };
    expect({ exitCode, stderr, status429: shared.status429, ok: shared.ok }).toEqual({
      exitCode: 0,
      stderr: '',
      status429: 0,
      ok: loads(2).flat().length,
    });
    expect(shared.processes.map(({ ok }) => ok)).toEqual(loads(2).map(({ length }) => length));
    // The global limit applies: the first seconds cannot admit the whole load.
    expect(shared.ok).toBeGreaterThan(4 * GLOBAL_LIMIT);
    expect(shared.scriptCalls).toBeGreaterThan(0);
  });

  it('gets many 429s while they do not', async () => {
    const { exitCode, stdout } = await run(['--alone', '--seconds', '1', '--json']);
    const { alone, shared } = JSON.parse(stdout) as { alone: Outcome; shared?: Outcome };
    expect([exitCode, shared, alone.ok]).toEqual([0, undefined, loads(1).flat().length]);
    expect(alone.status429).toBeGreaterThan(20);
  });

  it('says in one sentence that there is no Redis, and shows no password', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const { exitCode, stdout, stderr } = await run(['--redis', `redis://user:secret@127.0.0.1:${port}`]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `The Redis at redis://127.0.0.1:${port} cannot be used: connect ECONNREFUSED 127.0.0.1:${port}\n`,
    });
  });
});

describe('the load', () => {
  it('has channels that all processes write to, and channels of each process', () => {
    const paths = loads(10).map((messages) => new Set(messages.map(({ path }) => path)));
    const count = (path: string): number => paths.filter((set) => set.has(path)).length;
    const all = [...new Set(paths.flatMap((set) => [...set]))];
    expect(all.filter((path) => count(path) === PROCESSES)).toHaveLength(3);
    expect(all.filter((path) => count(path) === 1)).toHaveLength(8 * PROCESSES);
    expect(all).toHaveLength(3 + 8 * PROCESSES);
  });

  it('fills each channel for the given time', () => {
    const paths = loads(10).flatMap((messages) => messages.map(({ path }) => path));
    for (const path of paths) expect(paths.filter((other) => other === path)).toHaveLength(14);
  });
});

describe('the command line', () => {
  it('runs both, ten seconds each, by default', () => {
    const both = { isJSON: false, isShared: true, isAlone: true, seconds: 10, redis: undefined };
    expect(readCommand([])).toEqual(both);
    expect(readCommand(['--alone', '--seconds', '3'])).toEqual({ ...both, isShared: false, seconds: 3 });
    expect(readCommand(['--shared', '--json'])).toEqual({ ...both, isAlone: false, isJSON: true });
  });

  it.each([
    [['--seconds', '0'], '--seconds takes a whole number from 1 to 600, not 0.'],
    [['--redis', 'http://user:secret@there'], '--redis takes a redis:// or rediss:// URL.'],
  ])('refuses %j', (args, message) => {
    expect(() => readCommand(args)).toThrow(message);
  });
});

describe('the table', () => {
  const bot = { requests: 4, ok: 4, globalUse: 0.5, longestWaitMs: 900, drainMs: 1_000 };
  const outcome: Outcome = {
    requests: 8,
    ok: 8,
    status429: 0,
    drainMs: 1_000,
    optimumMs: 950,
    globalUse: 1,
    scriptCalls: 4,
    scriptCallsPerRequest: 0.5,
    processes: [bot, bot],
  };

  it('shows each process and the total', () => {
    expect(table(true, outcome)).toContain(
      '  all                  8 of 8          100.0 %           0.90 s           1.00 s\n',
    );
    expect(table(true, outcome)).toContain('  script calls per request      0.50\n');
    expect(table(false, outcome)).not.toContain('script calls');
  });
});
