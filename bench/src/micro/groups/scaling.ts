import type { Case, Effort, Group, Table } from '../group.js';
import { CONTENDERS, SLUICE } from '../peers/contenders.js';
import type { Contender } from '../peers/limiter.js';
import { timeHits } from './floors.js';
import { atOnce, sluiceOf, timeSequence } from './limiter-cases.js';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];

/** Whose buckets are small enough that a million fit. */
const LIGHT = ['@sapphire/async-queue'];

/**
 * Whether a request costs the same however much there is. Buckets are used in no order, so that from some number on every
 * look-up misses the processor's caches: a Map alone shows how much of a rise is the machine's.
 */
export const scaling: Group = {
  name: 'scaling',
  about:
    'The cost of one request, by how many buckets there are, and by how many requests wait in one. The ratio is to the ' +
    'smallest: 1 is flat. Buckets are used in no order; the look-up in a Map shows what the processor’s caches cost.',
  tables: [
    ...[SLUICE, ...LIGHT].map(bucketsTable),
    table('look-up in a Map, by keys', 'keys', (size) => (effort) => timeHits(effort, size)),
    table(`${SLUICE}, by requests that wait in one bucket`, 'requests', (size) => sluiceOf(atOnce(size, 1)).measure),
  ],
};

function bucketsTable(who: string): Table {
  const { load } = CONTENDERS.find((each) => each.who === who) as Contender;
  return table(`${who}, by buckets`, 'buckets', (size) => (effort: Effort) => timeSequence(effort, size, load));
}

function table(title: string, what: string, measure: (size: number) => Case['measure']): Table {
  const cases = SIZES.map((size) => ({ who: `${size.toLocaleString('en')} ${what}`, measure: measure(size) }));
  return { title, unit: 'ns', reference: { who: cases[0]?.who ?? '' }, cases };
}
