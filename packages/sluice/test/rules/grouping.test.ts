import { describe, expect, it } from 'vitest';
import { Grouping } from '../../src/rules/grouping.js';

describe('the grouping of the routes of a hash', () => {
  it('starts joined, is split and joined again on evidence, and stays joined after the third time', () => {
    const grouping = new Grouping();
    expect([grouping.isSplit, grouping.join()]).toEqual([false, false]);
    for (let round = 0; round < 3; round++) {
      expect([grouping.split(), grouping.split(), grouping.isSplit, grouping.join()]).toEqual([
        true,
        false,
        true,
        true,
      ]);
    }
    expect([grouping.split(), grouping.isSplit]).toEqual([false, false]);
  });

  it('continues after a restart, so that routes do not switch forever', () => {
    const split = Grouping.from({ isSplit: true, joins: 2 });
    expect([split.isSplit, split.knowledge]).toEqual([true, { isSplit: true, joins: 2 }]);
    split.join();
    const restored = Grouping.from(split.knowledge);
    expect([restored.isSplit, restored.split()]).toEqual([false, false]);
  });
});
