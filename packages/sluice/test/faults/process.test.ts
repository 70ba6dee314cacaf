import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type RouteRule, type Simulator, startSimulator } from '@sluice/simulator';
import { describe, expect, it } from 'vitest';

const REQUESTS = 60;
const PATH = '/channels/{channel}/messages';
const ROUTES: RouteRule[] = [
  { methods: ['POST'], path: PATH, bucket: 'post', limit: 4, period: 1_000, window: 'fixed' },
  { methods: ['GET'], path: PATH, bucket: 'get', limit: 4, period: 1_000, window: 'sliding' },
];

interface Report {
  readonly answered: number;
  readonly settled: number;
  readonly errors: readonly string[];
}

function startServer(): Promise<Simulator> {
  return startSimulator({ routes: ROUTES, globalLimit: 20, rtt: 60, jitter: 50, seed: 3 });
}

/** Runs a burst in a process of its own, and calls `disturb` in the middle of it. */
async function run(
  { url }: Simulator,
  disturbance: 'none' | 'block' | 'close',
  disturb: (child: ChildProcess) => Promise<void> = async () => {},
): Promise<{ report: Report; code: number | null; errors: string }> {
  const script = fileURLToPath(new URL('./burst-in-process.mjs', import.meta.url));
  // The timeout ends the process if it does not end by itself.
  const child = spawn(process.execPath, [script, `${url}/api/v10`, disturbance], { timeout: 15_000 });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed]);
  await disturb(child);
  const [code] = (await closed) as [number | null];
  return { report: JSON.parse(output.split('\n').at(-2) ?? 'null') as Report, code, errors };
}

async function suspend(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  await wait(3_000);
  child.kill('SIGCONT');
}

function expectFlawless(simulator: Simulator): void {
  const { arrivals, admitted, refused, reordered } = simulator.statistics();
  const flawless = { arrivals: REQUESTS, admitted: REQUESTS, refused: { user: 0, global: 0 }, reordered: 0 };
  expect({ arrivals, admitted, refused, reordered }).toEqual(flawless);
}

/** The longest time without an arrival, which shows that the burst was disturbed. */
function longestPause({ journal }: Simulator): number {
  return Math.max(...journal.slice(1).map(({ time }, index) => time - (journal[index]?.time ?? 0)));
}

describe.concurrent('a process in the middle of a burst', () => {
  it('whose event loop is blocked is not refused, and loses no request', async () => {
    await using simulator = await startServer();
    const { report, code, errors } = await run(simulator, 'block');
    expect({ report, code, errors }).toEqual({
      report: { answered: REQUESTS, settled: REQUESTS, errors: [] },
      code: 0,
      errors: '',
    });
    expectFlawless(simulator);
    expect(longestPause(simulator)).toBeGreaterThan(2_000);
  }, 30_000);

  it.skipIf(process.platform === 'win32')(
    'that is suspended is not refused, and loses no request',
    async () => {
      await using simulator = await startServer();
      const { report, code, errors } = await run(simulator, 'none', suspend);
      expect({ report, code, errors }).toEqual({
        report: { answered: REQUESTS, settled: REQUESTS, errors: [] },
        code: 0,
        errors: '',
      });
      expectFlawless(simulator);
      expect(longestPause(simulator)).toBeGreaterThan(2_500);
    },
    30_000,
  );

  it('that closes its client settles every request, and ends by itself', async () => {
    await using simulator = await startServer();
    const start = performance.now();
    const { report, code, errors } = await run(simulator, 'close');
    expect([code, errors, report.settled, report.errors]).toEqual([0, '', REQUESTS, ['LimiterClosedError']]);
    expect(report.answered).toBeGreaterThan(0);
    expect(report.answered).toBeLessThan(REQUESTS);
    // Waiting requests would have kept the process for seconds.
    expect(performance.now() - start).toBeLessThan(6_000);
    expect(simulator.statistics().refused).toEqual({ user: 0, global: 0 });
  }, 30_000);
});
