import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { CaseOrder, CaseResult } from './case-message.js';

const MAIN = fileURLToPath(new URL('./case-main.js', import.meta.url));

/** Enough memory for a million of anything. */
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=8192'];

/**
 * Measures in a fresh process.
 *
 * @throws Error when the process fails; its standard error has been shown.
 */
export async function measureInProcess(order: CaseOrder): Promise<CaseResult[]> {
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
  const output = await text(child.stdout);
  const end = await ended;
  const first = order.places[0];
  if (end !== '0') throw new Error(`Measuring ${first?.group} / ${first?.table} / ${first?.who} ended with ${end}`);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CaseResult);
}
