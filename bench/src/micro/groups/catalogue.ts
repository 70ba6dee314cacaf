import type { Case, CasePlace, Group, Table } from '../group.js';
import { collection } from './collection.js';
import { decisions } from './decisions.js';
import { headers } from './headers.js';
import { listeners } from './listeners.js';
import { memory } from './memory.js';
import { moves } from './moves.js';
import { queues } from './queues.js';
import { routes } from './routes.js';
import { scaling } from './scaling.js';

/** All groups, in the order of the output. */
export const GROUPS: readonly Group[] = [
  decisions,
  routes,
  headers,
  queues,
  moves,
  scaling,
  memory,
  collection,
  listeners,
];

/** The group with a name. */
export function groupNamed(name: string): Group | undefined {
  return GROUPS.find((group) => group.name === name);
}

/** Every table of some groups, with its group. */
export function* tablesOf(groups: readonly Group[]): Generator<{ readonly group: Group; readonly table: Table }> {
  for (const group of groups) for (const table of group.tables) yield { group, table };
}

/** Every place of some groups that has a measurement. */
export function placesOf(groups: readonly Group[]): CasePlace[] {
  const places: CasePlace[] = [];
  for (const { group, table } of tablesOf(groups)) {
    for (const { who, measure } of table.cases) {
      if (measure) places.push({ group: group.name, table: table.title, who });
    }
  }
  return places;
}

/**
 * The case at a place.
 *
 * @throws Error when there is none.
 */
export function caseAt({ group, table, who }: CasePlace): NonNullable<Case['measure']> {
  const tables = groupNamed(group)?.tables.find(({ title }) => title === table);
  const measure = tables?.cases.find((each) => each.who === who)?.measure;
  if (measure === undefined) throw new Error(`Nothing is measured at ${group} / ${table} / ${who}`);
  return measure;
}
