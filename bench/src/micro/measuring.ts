import type { CaseResult } from './case-message.js';
import { measureInProcess } from './case-process.js';
import type { CasePlace, Group } from './group.js';
import { placesOf } from './groups/catalogue.js';
import { Samples } from './row.js';

/** Called before each process starts. */
export type Progress = (done: number, total: number, place: CasePlace) => void;

/**
 * Measures each case in `repeat` fresh processes. Each round covers all cases, so that a machine that is slow for a
 * while slows every contender.
 */
export async function measureGroups(groups: readonly Group[], repeat: number, progress: Progress): Promise<Samples> {
  const samples = new Samples();
  const places = placesOf(groups);
  let done = 0;
  for (let round = 0; round < repeat; round++) {
    for (const place of places) {
      progress(done++, places.length * repeat, place);
      addAll(samples, await measureInProcess({ places: [place], isSmoke: false }));
    }
  }
  return samples;
}

/** Checks that each case runs, with one process per group. */
export async function smokeGroups(groups: readonly Group[], progress: Progress): Promise<Samples> {
  const samples = new Samples();
  for (const [done, group] of groups.entries()) {
    const places = placesOf([group]);
    if (places[0]) progress(done, groups.length, places[0]);
    addAll(samples, await measureInProcess({ places, isSmoke: true }));
  }
  return samples;
}

function addAll(samples: Samples, results: readonly CaseResult[]): void {
  for (const { place, value } of results) {
    if (!Number.isFinite(value)) throw new Error(`${place.group} / ${place.table} / ${place.who} gave ${value}`);
    samples.add(place.group, place.table, place.who, value);
  }
}
