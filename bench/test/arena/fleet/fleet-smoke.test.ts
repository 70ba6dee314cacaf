import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { FleetReport } from '../../../src/arena/fleet/fleet-report.js';
import { fleetProblems } from '../../../src/arena/fleet/fleet-smoke.js';

const MAIN = fileURLToPath(new URL('../../../dist/arena/main.js', import.meta.url));

function fleet(...flags: string[]) {
  return promisify(execFile)(process.execPath, [MAIN, 'fleet', ...flags], { maxBuffer: 2 ** 24 });
}

describe('a fleet', () => {
  it('runs in separate processes, beside a simulator and a Redis', async () => {
    const { stdout, stderr } = await fleet('--smoke', '--json');
    const document = JSON.parse(stdout) as FleetReport;
    expect(document.format).toBe('sluice-fleet-1');
    expect(fleetProblems(document)).toEqual([]);
    expect(Object.keys(document.clients)).toEqual(['sluice-redis', 'sluice', 'fetch']);
    for (const { answered, runs } of document.results) {
      expect(answered).toBe(40);
      expect(runs[0]?.drains).toHaveLength(2);
    }
    expect(stderr).toContain('fleet-smoke, sluice-redis, run 1 of 1: complete');
  });

  it('prints help', async () => {
    expect((await fleet('--help')).stdout).toContain('Scenarios: fan-out, start-up, shared-channels');
  });

  it.each([
    [['--from', 'a.json'], '--from has no meaning for a fleet'],
    [['--svg', 'a.svg'], '--svg has no meaning for a fleet'],
    [['--clients', 'eris'], 'there is no “eris”'],
  ])('does not understand %j', async (flags, stderr) => {
    await expect(fleet(...flags)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(stderr) });
  });
});
