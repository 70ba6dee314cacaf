import type { Arrival } from '@sluice/simulator';
import { VirtualClock } from '../../../sluice/src/clock/virtual-clock.js';
import { RESTBucketManager } from '../../../sluice/src/manager/rest-bucket-manager.js';
import {
  type History,
  type PlannedRequest,
  play,
  type Result,
  type Stage,
} from '../../../sluice/test/properties/history.js';
import type { RedisDelays, VirtualRedis, VirtualRedisPool } from './virtual-fleet.js';

/** One-way delay of the network to Discord, in ms. */
export const DELAY = 30;
export const ROUND_TRIP = 2 * DELAY;

/** Something that is done, or looked at, at an instant; what it returns is noted. */
export interface Deed {
  readonly at: number;
  run(managers: readonly RESTBucketManager[]): unknown;
}

/** What several processes do. */
export interface FleetPlan {
  readonly model: History['model'];
  readonly requests: readonly PlannedRequest[];
  readonly processes: number;
  readonly deeds?: readonly Deed[];
  /** What the managers keep. Default: what the model does. */
  readonly globalLimit?: number;
}

/** A request as it arrived, and from which process. */
export interface Seen extends Arrival {
  readonly process: number;
}

export interface FleetResult extends Result {
  readonly arrivals: readonly Seen[];
  readonly notes: readonly unknown[];
}

/** A request of a process. */
export function send(
  process: number,
  at: number,
  [method, path]: readonly [string, string],
  more: Partial<PlannedRequest> = {},
): PlannedRequest {
  const network = { delayOut: DELAY, delayBack: DELAY, fate: 'answered', patience: 0 } as const;
  return { process, at, method, path, authorization: 'Bot a', ...network, ...more };
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function playThrough(redis: VirtualRedis, delays: RedisDelays, plan: FleetPlan): Promise<FleetResult> {
  const managers = times(plan.processes, () => managerOf(plan, redis.clock, redis.coordinator(delays)));
  return playOn({ clock: redis.clock, managers, spread: 0, run: (isDone) => redis.run(isDone) }, plan);
}

export function playShared(pool: VirtualRedisPool, delays: RedisDelays, plan: FleetPlan): Promise<FleetResult> {
  return pool.with((redis) => playThrough(redis, delays, plan));
}

/** The same processes, none of which hears of the others. */
export function playAlone(plan: FleetPlan): Promise<FleetResult> {
  const clock = new VirtualClock();
  const managers = times(plan.processes, () => managerOf(plan, clock, undefined));
  return playOn({ clock, managers, spread: 0, run: () => clock.runAll() }, plan);
}

function managerOf(
  { model, globalLimit = model.globalLimit ?? Number.POSITIVE_INFINITY }: FleetPlan,
  clock: VirtualClock,
  coordinator: ReturnType<VirtualRedis['coordinator']> | undefined,
): RESTBucketManager {
  return new RESTBucketManager({
    clock,
    globalLimit,
    concurrency: 'parallel',
    maxRateLimit: Number.POSITIVE_INFINITY,
    coordinator,
  });
}

async function playOn(stage: Stage, { model, requests, deeds = [] }: FleetPlan): Promise<FleetResult> {
  const notes: unknown[] = [];
  for (const { at, run } of deeds) stage.clock.setTimer(at, () => void notes.push(run(stage.managers)));
  const result = await play({ model, requests, concurrency: 'parallel' }, stage);
  const processOf = (mark: number | null) => result.courses[mark ?? 0]?.planned.process ?? 0;
  const arrivals = result.model.journal.map((arrival) => ({ ...arrival, process: processOf(arrival.mark) }));
  return { ...result, arrivals, notes };
}
