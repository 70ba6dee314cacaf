import { DiscordModel, type ModelResponse } from '@sluice/simulator';
import type { Permit } from '../../src/buckets/rest-bucket.js';
import type { Clock, Timer } from '../../src/clock/clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';
import type { History, PlannedRequest } from './history.js';

/** The end of a process, the time until the next one starts, and the first instant of its monotonic clock. */
export interface Restart {
  readonly at: number;
  readonly downtime: number;
  readonly clockStart: number;
}

export interface RestartResult {
  readonly model: DiscordModel;
  /** Refusals of requests that left after an answer, to this process or an earlier one, had shown their window. */
  readonly avoidableRefusals: number;
  readonly sent: number;
  readonly errors: readonly unknown[];
}

/** The server's clock, and the wall clock of the machine. */
const EPOCH = 1_700_000_000_000.4;
const WALL_EPOCH = 1_700_000_003_000;

/** No answer arrives at the instant at which its request left, as their order would not be clear. */
const LEAST_DELAY = 0.01;

/** The monotonic clock of one process: the common clock with another origin. */
export class ProcessClock implements Clock {
  readonly #world: VirtualClock;
  readonly #offset: number;

  constructor(world: VirtualClock, start: number) {
    this.#world = world;
    this.#offset = start - world.now();
  }

  now(): number {
    return this.#world.now() + this.#offset;
  }

  setTimer(at: number, callback: () => void): Timer {
    const instant = at - this.#offset;
    // Rounding must not make the timer fire early.
    return this.#world.setTimer(instant + this.#offset < at ? instant + 1e-6 : instant, callback);
  }
}

/** Plays a history over several processes in succession. Requests that wait when one ends are sent by the next. */
export class RestartPlayer {
  readonly #world = new VirtualClock();
  readonly #model: DiscordModel;
  readonly #history: History;
  readonly #informed = new Set<string>();
  readonly #errors: unknown[] = [];
  #manager: RESTBucketManager;
  /** The number of the process: answers to the requests of an earlier one are lost. */
  #life = 0;
  #waiting = new Set<PlannedRequest>();
  #isDown = false;
  #sent = 0;
  #avoidableRefusals = 0;

  constructor(history: History) {
    this.#history = history;
    this.#model = new DiscordModel(history.model, { epoch: EPOCH });
    this.#manager = this.#createManager(1_000);
  }

  async play(restarts: readonly Restart[]): Promise<RestartResult> {
    for (const planned of this.#history.requests) this.#world.setTimer(planned.at, () => void this.#run(planned));
    let end = 0;
    for (const restart of restarts) {
      const at = end + restart.at;
      end = at + restart.downtime;
      this.#world.setTimer(at, () => this.#stop(end, restart));
      await this.#world.advanceTo(end);
    }
    await this.#world.runAll();
    this.#manager.close();
    const { model, errors } = { model: this.#model, errors: this.#errors };
    return { model, errors, avoidableRefusals: this.#avoidableRefusals, sent: this.#sent };
  }

  #createManager(clockStart: number): RESTBucketManager {
    const { model, concurrency } = this.#history;
    return new RESTBucketManager({
      clock: new ProcessClock(this.#world, clockStart),
      wallTime: () => Math.floor(WALL_EPOCH + this.#world.now()),
      globalLimit: model.globalLimit ?? Number.POSITIVE_INFINITY,
      concurrency,
      maxRateLimit: Number.POSITIVE_INFINITY,
    });
  }

  #stop(end: number, { clockStart }: Restart): void {
    const json = JSON.stringify(this.#manager.snapshot());
    this.#life++;
    this.#isDown = true;
    this.#manager.close();
    this.#world.setTimer(end, () => {
      this.#manager = this.#createManager(clockStart);
      this.#manager.restore(JSON.parse(json));
      this.#isDown = false;
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const planned of waiting) void this.#run(planned);
    });
  }

  async #run(planned: PlannedRequest): Promise<void> {
    this.#waiting.add(planned);
    if (this.#isDown) return;
    const life = this.#life;
    const { method, path, authorization, priority } = planned;
    const route = Route.match(method, path);
    const manager = this.#manager;
    try {
      let permit = await manager.acquire(route, { authorization, priority });
      if (life !== this.#life) return;
      this.#waiting.delete(planned);
      while (await this.#send(planned, permit, life)) permit = await permit.retry();
    } catch (error) {
      if (life === this.#life) this.#errors.push(error);
    }
  }

  /** Sends a request once. Returns whether the server refused it; never, if the process does not see the answer. */
  #send(planned: PlannedRequest, permit: Permit, life: number): Promise<boolean> {
    const { method, path, authorization, delayOut, delayBack } = planned;
    const route = Route.match(method, path);
    const queue = `${authorization} ${route.identity} ${route.majorParamHash}`;
    const couldKnow = this.#informed.has(queue);
    this.#sent++;
    return new Promise((resolve) => {
      this.#after(delayOut, () => {
        const answer = this.#model.receive({ method, path, authorization }, this.#world.now());
        if (answer.status === 429 && couldKnow) this.#avoidableRefusals++;
        this.#after(delayBack + LEAST_DELAY, () => {
          if (life !== this.#life) return;
          if (tellsAll(answer)) this.#informed.add(queue);
          resolve(permit.complete(answer) !== undefined);
        });
      });
    });
  }

  #after(delay: number, callback: () => void): void {
    this.#world.setTimer(this.#world.now() + delay, callback);
  }
}

/** Only the answer to the first request of a window shows the length of the window. */
function tellsAll({ status, headers }: ModelResponse): boolean {
  return status !== 429 && Number(headers['x-ratelimit-remaining']) === Number(headers['x-ratelimit-limit']) - 1;
}
