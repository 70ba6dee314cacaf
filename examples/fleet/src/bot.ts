import { once } from 'node:events';
import { RedisCoordinator } from '@sluice/redis';
import { RESTClient } from 'sluice';
import { loadOf, type Message } from './load.js';
import type { BotOrder, BotReport, BotState } from './messages.js';

/** Time between two reports of progress, in ms. */
const REPORT_EVERY = 200;

function report(message: BotReport): void {
  process.send?.(message);
}

/** Sends all messages at once, and lets the client decide when each leaves. */
class Sending {
  readonly #client: RESTClient;
  readonly #messages: readonly Message[];
  readonly #startedAt = performance.now();
  #answered = 0;
  #longestWait = 0;

  constructor(client: RESTClient, messages: readonly Message[]) {
    this.#client = client;
    this.#messages = messages;
  }

  get state(): BotState {
    return {
      requests: this.#messages.length,
      answered: this.#answered,
      longestWait: this.#longestWait,
      time: performance.now() - this.#startedAt,
    };
  }

  async run(): Promise<void> {
    await Promise.all(this.#messages.map((message) => this.#send(message)));
  }

  async #send({ path, content }: Message): Promise<void> {
    const calledAt = performance.now();
    try {
      await this.#client.post(path, { json: { content } });
      this.#answered++;
    } catch (error) {
      report({ kind: 'note', text: `a message failed: ${String(error)}` });
    }
    this.#longestWait = Math.max(this.#longestWait, performance.now() - calledAt);
  }
}

async function run({ baseURL, place, seconds, redis }: BotOrder): Promise<void> {
  const coordinator = redis && new RedisCoordinator(redis);
  const client = new RESTClient({ token: 'a-token-of-the-example', baseURL, ...(coordinator && { coordinator }) });
  client.buckets.on('coordinatorLost', ({ reason }) => report({ kind: 'note', text: `Redis is lost: ${reason}` }));
  const sending = new Sending(client, loadOf(place, seconds));
  const timer = setInterval(() => report({ kind: 'progress', state: sending.state }), REPORT_EVERY);
  await sending.run();
  clearInterval(timer);
  report({ kind: 'done', state: sending.state });
  client.close();
  await coordinator?.close();
}

// The parent process has ended, and nothing needs this one any more.
process.once('disconnect', () => process.exit());
report({ kind: 'ready' });
const [order] = (await once(process, 'message')) as [BotOrder];
await run(order);
process.disconnect?.();
