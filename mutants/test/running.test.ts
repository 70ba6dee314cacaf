import { expect, it } from 'vitest';
import { runNode } from '../src/running.js';

const OPTIONS = { cwd: '.', env: { SAMPLE: 'told' }, timeout: 30_000 };

it('tells how a program ended, and what it printed', async () => {
  const program = 'process.stdout.write(process.env.SAMPLE); process.exitCode = 3';
  expect(await runNode(['-e', program], OPTIONS)).toEqual({ code: 3, isTooLong: false, output: 'told' });
});

it('kills a program that takes too long, with all that it has started', async () => {
  const program = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    process.stdout.write(child.pid + ' ', () => setInterval(() => {}, 1000));
  `;
  const ended = await runNode(['-e', program], { ...OPTIONS, timeout: 5_000 });
  expect(ended).toMatchObject({ code: undefined, isTooLong: true });
  const pid = Number(ended.output.trim());
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
