import { describe, expect, it } from 'vitest';
import { caseAt, GROUPS, placesOf, tablesOf } from '../../src/micro/groups/catalogue.js';

describe('the catalogue', () => {
  it('gives every case its own place, at which it is found', () => {
    const places = placesOf(GROUPS);
    expect(new Set(places.map((place) => JSON.stringify(place))).size).toBe(places.length);
    for (const place of places) expect(caseAt(place)).toBeTypeOf('function');
  });

  it('has every reference in the group, measured', () => {
    for (const { group, table } of tablesOf(GROUPS)) {
      const place = { group: group.name, table: table.reference.table ?? table.title, who: table.reference.who };
      expect(() => caseAt(place)).not.toThrow();
    }
  });

  it('refuses an unknown place', () => {
    expect(() => caseAt({ group: 'decisions', table: 'x', who: 'y' })).toThrow(
      'Nothing is measured at decisions / x / y',
    );
  });
});
