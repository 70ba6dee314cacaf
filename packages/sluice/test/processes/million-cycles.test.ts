import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('a million requests leave no bucket, timer or listener, and the process ends by itself', async () => {
  const script = fileURLToPath(new URL('./million-cycles.mjs', import.meta.url));
  // The process must end by itself, well before the timeout; a leaked listener would warn on standard error.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000 });
  const { busiest, pass, left, resources } = JSON.parse(stdout);
  expect(busiest).toBe(5_000);
  expect(pass).toEqual({ active: 0, survival: 0, dead: 5_000 });
  expect(left).toBe(0);
  expect(resources.filter((name: string) => name === 'Timeout' || name === 'Immediate')).toEqual([]);
  expect(stderr).toBe('');
}, 90_000);
