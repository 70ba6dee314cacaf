import { DiscordModel, type ModelConfig, type ModelResponse } from '@sluice/simulator';
import type { Concurrency } from '../../src/buckets/concurrency.js';
import type { Permit } from '../../src/buckets/rest-bucket.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { type CompiledRoute, Route } from '../../src/routes/route.js';
import type { Refusal } from '../../src/rules/refusal.js';

/** The fate of a request on its way. */
export type Fate =
  | 'answered'
  /** The server counts it, its answer is lost, and the connection ends some time later. */
  | 'answer lost'
  /** It never reaches the server, and the connection ends some time later. */
  | 'request lost'
  /** The connection is refused, so that the request cannot leave. */
  | 'refused to connect'
  /** Its caller aborts it after `patience`, while it waits or while it is in flight. */
  | 'aborted';

/** One request of a history. */
export interface PlannedRequest {
  /** When its caller asks for the permit. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly authorization?: string | undefined;
  readonly body?: unknown;
  readonly priority?: number;
  /** One-way delays. */
  readonly delayOut: number;
  readonly delayBack: number;
  readonly fate: Fate;
  readonly patience: number;
  /** The process that sends it. Default: the first. */
  readonly process?: number;
}

export interface History {
  readonly model: ModelConfig;
  readonly concurrency: Concurrency;
  readonly requests: readonly PlannedRequest[];
}

/** How long a client waits for an answer before it takes the connection for dead. */
const TIMEOUT = 15_000;

/** The observed course of one request. */
export interface Course {
  readonly planned: PlannedRequest;
  readonly route: CompiledRoute;
  /** Place in the order of acquire. */
  readonly mark: number;
  /** Places in the order of departure; more than one if it was refused. */
  readonly departures: number[];
  outcome: 'pending' | 'ok' | 'error' | 'aborted';
  error?: unknown;
  endedAt?: number;
}

/** Names a queue: the requests of one authorization to one route with the same major parameters. */
export function queueOf({ planned, route }: Pick<Course, 'planned' | 'route'>): string {
  return `${planned.authorization} ${route.identity} ${route.majorParamHash}`;
}

export interface Result {
  readonly model: DiscordModel;
  readonly manager: RESTBucketManager;
  readonly clock: VirtualClock;
  readonly courses: readonly Course[];
  /** Refusals of requests that left after an answer had shown the limit and the length of their window. */
  readonly avoidableRefusals: number;
  /** Requests that left although a refusal had asked them to wait; other fields than the refused ones do not count. */
  readonly sentIntoHold: number;
  /** When the last request ended. */
  readonly drainedAt: number;
}

/** The server's clock is far from the local one, by a fraction of a second, too. */
const EPOCH = 1_700_000_000_000.4;

/** Only the answer to the first request of a window shows the length of the window. */
function tellsAll({ status, headers }: { status: number; headers: Readonly<Record<string, string>> }): boolean {
  return status !== 429 && Number(headers['x-ratelimit-remaining']) === Number(headers['x-ratelimit-limit']) - 1;
}

/** The processes that play a history. */
export interface Stage {
  readonly clock: VirtualClock;
  /** One manager per process. */
  readonly managers: readonly RESTBucketManager[];
  /** How long it takes until other processes know what one process has learned, in ms. */
  readonly spread: number;
  /** Moves time on until every request has ended. */
  run(isDone: () => boolean): Promise<void>;
}

/** One process that limits alone. */
export function soloStage({ model, concurrency }: Pick<History, 'model' | 'concurrency'>): Stage {
  const clock = new VirtualClock();
  const manager = new RESTBucketManager({
    clock,
    globalLimit: model.globalLimit ?? Number.POSITIVE_INFINITY,
    concurrency,
    maxRateLimit: Number.POSITIVE_INFINITY,
  });
  return { clock, managers: [manager], spread: 0, run: () => clock.runAll() };
}

/** Plays a history: real managers, virtual clock, and the simulator's model behind a network with these delays. */
export class Player {
  readonly #clock: VirtualClock;
  readonly #model: DiscordModel;
  readonly #stage: Stage;
  readonly #courses: Course[] = [];
  readonly #informed = new Set<string>();
  #departures = 0;
  #avoidableRefusals = 0;
  /** Until when a refusal asked to wait, by queue. */
  readonly #holds = new Map<string, number>();
  #sentIntoHold = 0;

  constructor(history: Pick<History, 'model' | 'concurrency'>, stage: Stage = soloStage(history)) {
    this.#stage = stage;
    this.#clock = stage.clock;
    this.#model = new DiscordModel(history.model, { epoch: EPOCH });
  }

  get manager(): RESTBucketManager {
    return this.managerOf(0);
  }

  private managerOf(process: number): RESTBucketManager {
    return this.#stage.managers[process % this.#stage.managers.length] as RESTBucketManager;
  }

  async play(requests: readonly PlannedRequest[]): Promise<Result> {
    for (const planned of requests) this.#clock.setTimer(planned.at, () => void this.#run(planned));
    await this.#stage.run(
      () => this.#courses.length === requests.length && this.#courses.every(({ outcome }) => outcome !== 'pending'),
    );
    const drainedAt = Math.max(0, ...this.#courses.map(({ endedAt }) => endedAt ?? Number.NaN));
    return {
      model: this.#model,
      manager: this.manager,
      clock: this.#clock,
      courses: this.#courses,
      avoidableRefusals: this.#avoidableRefusals,
      sentIntoHold: this.#sentIntoHold,
      drainedAt,
    };
  }

  async #run(planned: PlannedRequest): Promise<void> {
    const route = Route.match(planned.method, planned.path);
    const mark = this.#courses.length;
    const course: Course = { planned, route, mark, departures: [], outcome: 'pending' };
    this.#courses.push(course);
    const abort = new AbortController();
    if (planned.fate === 'aborted') this.#clock.setTimer(planned.at + planned.patience, () => abort.abort());
    try {
      const { authorization, priority, body } = planned;
      const manager = this.managerOf(planned.process ?? 0);
      let permit = await manager.acquire(route, { authorization, priority, body, signal: abort.signal });
      while (await this.#send(course, permit, abort.signal)) permit = await permit.retry({ signal: abort.signal });
      course.outcome = 'ok';
    } catch (error) {
      course.outcome = error === abort.signal.reason ? 'aborted' : 'error';
      course.error = error;
    }
    course.endedAt = this.#clock.now();
  }

  /** Sends a request once. Returns whether the server refused it. */
  #send(course: Course, permit: Permit, signal: AbortSignal): Promise<boolean> {
    const { delayOut, delayBack, fate } = course.planned;
    course.departures.push(this.#departures++);
    return new Promise((resolve, reject) => {
      const fail = (reason: 'lost' | 'unsent') => {
        permit.cancel(reason);
        reject(new Error(reason));
      };
      signal.addEventListener('abort', () => {
        if (permit.isEnded) return;
        permit.cancel();
        reject(signal.reason);
      });
      if (fate === 'refused to connect') this.#after(delayOut, () => fail('unsent'));
      else if (fate === 'request lost') this.#after(delayOut + delayBack, () => fail('lost'));
      else this.#exchange(course, permit, resolve, () => fail('lost'));
    });
  }

  /** Carries the request to the server and its answer back, unless either is lost on the way. */
  #exchange(course: Course, permit: Permit, onAnswer: (isRefused: boolean) => void, onLoss: () => void): void {
    const { method, path, authorization, body, delayOut, delayBack } = course.planned;
    const queue = queueOf(course);
    const couldKnow = this.#informed.has(queue);
    if (this.#clock.now() < (this.#holds.get(queue) ?? 0)) this.#sentIntoHold++;
    this.#after(delayOut, () => {
      const answer = this.#model.receive({ method, path, authorization, body, mark: course.mark }, this.#clock.now());
      this.#after(delayBack + lateness(answer), () => {
        if (permit.isEnded) return;
        if (course.planned.fate === 'answer lost' || isLost(answer)) {
          onLoss();
          return;
        }
        if (answer.status === 429 && couldKnow) this.#avoidableRefusals++;
        if (tellsAll(answer)) this.#noteTold(queue);
        const refusal = permit.complete(answer);
        this.#noteHold(queue, refusal);
        onAnswer(refusal !== undefined);
      });
    });
  }

  #noteTold(queue: string): void {
    const { spread } = this.#stage;
    if (spread === 0) this.#informed.add(queue);
    else this.#after(spread, () => this.#informed.add(queue));
  }

  #noteHold(queue: string, refusal: Refusal | undefined): void {
    if (refusal === undefined || refusal.kind === 'sub-limit' || refusal.kind === 'global') return;
    this.#holds.set(queue, this.#clock.now() + refusal.retryAfter);
  }

  #after(delay: number, callback: () => void): void {
    this.#clock.setTimer(this.#clock.now() + delay, callback);
  }
}

/** By how much a fault delays an answer, or the end of a connection without one. */
function lateness({ fault }: ModelResponse): number {
  if (fault?.kind === 'slow') return fault.delay;
  return fault?.kind === 'stall' ? TIMEOUT : 0;
}

/** Whether a fault keeps the answer from reaching its client. */
function isLost({ fault }: ModelResponse): boolean {
  return fault !== undefined && ['drop', 'refuse', 'reset', 'stall'].includes(fault.kind);
}

export function play(history: History, stage?: Stage): Promise<Result> {
  return new Player(history, stage).play(history.requests);
}
