import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../src/arena/report.js';
import { smokeProblems } from '../../src/arena/smoke.js';
import { report, result } from './samples.js';

const MAIN = fileURLToPath(new URL('../../dist/arena/main.js', import.meta.url));
const run = promisify(execFile);

describe('the arena', () => {
  it('runs clients and simulators in separate processes', async () => {
    const { stdout, stderr } = await run(process.execPath, [MAIN, '--smoke', '--json']);
    const document = parseReport(stdout);
    expect(smokeProblems(document)).toEqual([]);
    expect(Object.keys(document.clients)).toEqual(['sluice', 'sluice-fetch', 'fetch']);
    for (const { answered, cpuMs, peakBytes, startBytes } of document.results) {
      expect(answered).toBe(24);
      expect(cpuMs).toBeGreaterThan(0);
      expect(peakBytes).toBeGreaterThanOrEqual(startBytes);
    }
    expect(stderr).toContain('smoke, sluice, run 1 of 1: complete');
  });

  it('says what is wrong with a command line', async () => {
    await expect(run(process.execPath, [MAIN, '--repeat', 'twice'])).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--repeat takes a whole number'),
    });
  });
});

describe('smokeProblems', () => {
  const refusals = { user: 1, global: 0, unseen: 0, banned: 0 };

  it.each([
    ['sluice', { outcome: 'hung', answered: 3 }, 'sluice: hung with 3 requests answered'],
    ['sluice', { refusals }, 'sluice: 1 × 429'],
    ['sluice-fetch', { reordered: 2 }, 'sluice-fetch: 2 requests out of order'],
    ['eris', { outcome: 'incomplete' }, 'eris: incomplete with 10 requests answered'],
    ['fetch', {}, 'fetch: never refused, so the simulator has not limited'],
  ] as const)('sees what is wrong with %s', (client, differences, problem) => {
    expect(smokeProblems(report({ results: [result('smoke', client, differences)] }))).toEqual([problem]);
  });

  it('lets other clients be refused', () => {
    expect(smokeProblems(report({ results: [result('smoke', 'eris', { refusals, reordered: 1 })] }))).toEqual([]);
  });
});
