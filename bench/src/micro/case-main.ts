import type { CaseOrder, CaseResult } from './case-message.js';
import { FULL, SMOKE } from './effort.js';
import { caseAt } from './groups/catalogue.js';

// Each case is measured in its own process, so that nothing left by other cases, on the heap or in the compiler,
// affects it. By hand, for a profile:
//   node --expose-gc --cpu-prof bench/dist/micro/case-main.js '{"places":[{"group":"…","table":"…","who":"…"}],"time":10000}'
const { places, isSmoke, time } = JSON.parse(process.argv[2] ?? '{"places":[]}') as CaseOrder;
const usual = isSmoke ? SMOKE : FULL;
const effort = time === undefined ? usual : { ...usual, time };
for (const place of places) {
  const value = await caseAt(place)(effort);
  const result: CaseResult = { place, value };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
// Timers of peers may be pending, and so may the last line on a pipe.
process.stdout.write('', () => process.exit());
