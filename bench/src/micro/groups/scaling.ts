import type { Case, Effort, Group, Table } from '../group.js';
import { CONTENDERS, SLUICE } from '../peers/contenders.js';
import type { Contender } from '../peers/limiter.js';
import { timeHits } from './floors.js';
import { atOnce, sluiceOf, timeSequence } from './limiter-cases.js';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];

/** Libraries whose buckets are small enough for a million of them. */
const LIGHT = ['@sapphire/async-queue'];

/**
 * Whether the cost of a request depends on the number of buckets and requests. Buckets are used in random order, so
 * from some number on every look-up misses the processor's caches: a Map alone shows how much of an increase is the
 * machine's.
 */
export const scaling: Group = {
  name: 'scaling',
  about:
    'The cost of one request, by the number of buckets, and by the number of requests that wait in one bucket. ' +
    'The ratio is to the smallest: 1 is flat. Buckets are used in random order; the look-up in a Map shows the ' +
    'cost of the processor’s caches.',
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
