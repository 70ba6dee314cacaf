import { RESTClient } from 'sluice';
import { startUpBurst } from './burst.js';

/** A report of the bot's process to its parent. */
export type BotReport =
  | { readonly kind: 'progress'; readonly answered: number; readonly requests: number }
  | { readonly kind: 'done'; readonly answered: number; readonly requests: number; readonly drainMs: number }
  | { readonly kind: 'failed'; readonly request: string; readonly error: string };

function report(message: BotReport): void {
  process.send?.(message);
}

async function run(baseURL: string): Promise<void> {
  const requests = startUpBurst();
  let answered = 0;
  using client = new RESTClient({ token: 'a-demo-token', baseURL });
  const startedAt = performance.now();
  const send = async ({ method, path, json }: (typeof requests)[number], mark: number): Promise<void> => {
    try {
      const response = await client.fetch(path, { method, json, headers: { 'x-simulator-mark': String(mark) } });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`the response has status ${response.status}`);
      answered++;
    } catch (error) {
      report({ kind: 'failed', request: `request ${mark}`, error: String(error) });
    }
  };
  const progress = setInterval(() => report({ kind: 'progress', answered, requests: requests.length }), 250);
  await Promise.all(requests.map(send));
  clearInterval(progress);
  report({ kind: 'done', answered, requests: requests.length, drainMs: performance.now() - startedAt });
}

const [, , baseURL] = process.argv;
if (baseURL === undefined) throw new Error('The bot needs the base URL of the API as its argument');
await run(baseURL);
process.disconnect?.();
