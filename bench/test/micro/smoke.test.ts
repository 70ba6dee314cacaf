import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { GROUPS, placesOf, tablesOf } from '../../src/micro/groups/catalogue.js';
import { SMOKE_LOADS } from '../../src/micro/redis/load.js';
import type { SharedRow } from '../../src/micro/redis/results.js';
import { SHARED_CONTENDERS } from '../../src/micro/redis/roster.js';
import type { Row } from '../../src/micro/row.js';

const MAIN = fileURLToPath(new URL('../../dist/micro/main.js', import.meta.url));

/** Runs the built benchmarks. */
function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--expose-gc', MAIN, ...args], { maxBuffer: 2 ** 24 });
}

interface Document {
  readonly date: string;
  readonly isSmoke: boolean;
  readonly machine: { readonly node: string };
  readonly packages: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  readonly shared: readonly SharedRow[];
}

describe('npm run bench', () => {
  it('prints the rows of every group in a smoke run', async () => {
    const document = JSON.parse((await bench('--smoke', '--json')).stdout) as Document;
    expect(document.isSmoke).toBe(true);
    expect(Date.parse(document.date)).not.toBeNaN();
    expect(document.machine.node).toBe(process.versions.node);
    expect(document.packages['@discordjs/rest']).toMatch(/^\d+\.\d+\.\d+/);
    const cases = [...tablesOf(GROUPS)].flatMap(({ table }) => table.cases);
    expect(document.rows).toHaveLength(cases.length);
    const measured = document.rows.filter(({ samples }) => samples.length === 1);
    expect(measured).toHaveLength(placesOf(GROUPS).length);
    expect(document.shared).toHaveLength(SMOKE_LOADS.length * SHARED_CONTENDERS.length);
    for (const { median } of document.shared) expect(median.throughput).toBeGreaterThan(0);
  });

  it('prints the tables of a named group', async () => {
    const { stdout } = await bench('headers', '--smoke');
    expect(stdout).toContain('## headers');
    expect(stdout).not.toContain('## decisions');
    expect(stdout).toMatch(/\| Sluice, Fetch Headers +\| +[\d.,]+ \|/);
  });

  it('prints help', async () => {
    expect((await bench('--help')).stdout).toContain('Usage: npm run bench');
  });

  it('ends with 2 and a sentence after an invalid command line', async () => {
    const expected = { code: 2, stderr: expect.stringContaining('There is no group "nonsense"') };
    await expect(bench('nonsense')).rejects.toMatchObject(expected);
  });
});
