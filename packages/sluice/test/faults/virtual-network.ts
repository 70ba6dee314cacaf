import { DiscordModel, type ModelConfig } from '@sluice/simulator';
import type { Fetch } from '../../src/client/transport.js';
import type { VirtualClock } from '../../src/clock/virtual-clock.js';

/** One-way delay, in ms. */
export const DELAY = 20;

/** Time between the headers and the first half of the body, and between its halves, in ms. */
export const BODY_DELAY = 50;

type Signal = AbortSignal | null | undefined;

/** A transport in virtual time, with the model of the server behind it. It obeys signals as `fetch` does. */
export class VirtualNetwork {
  /** Marks of the requests that left, in order. */
  readonly sent: number[] = [];
  /** Marks of the requests that the server took in, in order. */
  readonly arrived: number[] = [];
  readonly model: DiscordModel;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock, config: ModelConfig) {
    this.#clock = clock;
    this.model = new DiscordModel(config, { epoch: 0 });
  }

  /** No `Request` is made, as it would listen to the signal for as long as it lives. */
  readonly fetch: Fetch = async (input, { method = 'GET', headers, body, signal } = {}) => {
    const given = new Headers(headers);
    const mark = Number(given.get('x-simulator-mark'));
    const text = body ? await new Response(body).text() : '';
    this.sent.push(mark);
    await this.#wait(DELAY, signal);
    const answer = this.model.receive(
      {
        method,
        path: new URL(String(input)).pathname,
        authorization: given.get('authorization') ?? undefined,
        body: text === '' ? undefined : JSON.parse(text),
        mark,
      },
      this.#clock.now(),
    );
    this.arrived.push(mark);
    await this.#wait(DELAY, signal);
    const content = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    return new Response(this.#stream(content, signal), { status: answer.status, headers: { ...answer.headers } });
  };

  /** A body that comes in two halves. */
  #stream(content: string, signal: Signal): ReadableStream<Uint8Array> {
    const bytes = new TextEncoder().encode(content);
    const halves = [bytes.slice(0, bytes.length / 2), bytes.slice(bytes.length / 2)];
    return new ReadableStream(
      {
        pull: async (controller) => {
          await this.#wait(BODY_DELAY, signal);
          const half = halves.shift();
          if (half) controller.enqueue(half);
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  #wait(duration: number, signal: Signal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = this.#clock.setTimer(this.#clock.now() + duration, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
