import { MeasuredRedis } from '../../measured-redis.js';
import { FULL_DURATION, FULL_LOADS, type Load, SMOKE_DURATION, SMOKE_LOADS } from './load.js';
import { type Measurement, measureLoad } from './measuring.js';
import { type SharedRow, type SharedSamples, sharedRows } from './results.js';
import { SHARED_CONTENDERS } from './roster.js';

/** The group's name on the command line. */
export const REDIS_GROUP = 'redis';

/** Called before each measurement starts. */
export type SharedProgress = (done: number, total: number, what: string) => void;

/** Measures every contender under every load, `repeat` times; in a smoke run, under a few small loads, once. */
export async function measureShared(repeat: number, isSmoke: boolean, progress: SharedProgress): Promise<SharedRow[]> {
  await using server = await MeasuredRedis.start();
  const [loads, duration] = isSmoke ? [SMOKE_LOADS, SMOKE_DURATION] : [FULL_LOADS, FULL_DURATION];
  const places = placesOf(loads);
  const samples = new Map<(typeof places)[number], Measurement[]>(places.map((place) => [place, []]));
  let done = 0;
  // Each round measures every contender, so that a machine that is slow for a while slows all of them.
  for (let round = 0; round < repeat; round++) {
    for (const [{ load, who }, list] of samples) {
      progress(done++, places.length * repeat, `${REDIS_GROUP}: ${load.title}, ${who}`);
      list.push(await measureLoad(who, load, duration, server));
    }
  }
  return sharedRows([...samples].map(([place, list]): SharedSamples => ({ ...place, samples: list })));
}

/** The pairs of load and contender, without those that a contender is spared. */
function placesOf(loads: readonly Load[]): { readonly load: Load; readonly who: string }[] {
  return loads.flatMap((load) =>
    SHARED_CONTENDERS.filter(({ isSpared }) => isSpared?.(load) !== true).map(({ who }) => ({ load, who })),
  );
}
