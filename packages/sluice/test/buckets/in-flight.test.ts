import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exclusion } from '../../src/buckets/exclusion.js';
import { inFlight, node } from './parts.js';

const exclusions = fc.constantFrom<Exclusion>('none', 'writes', 'all');

type Node = ReturnType<typeof node>;

interface Change {
  readonly what: 'add' | 'remove' | 'end' | 'answer';
  readonly exclusion: Exclusion;
  readonly pick: number;
  readonly isEnded: boolean;
  readonly isAnswered: boolean;
}

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    what: fc.constantFrom('add', 'add', 'remove', 'end', 'answer'),
    exclusion: exclusions,
    pick: fc.nat(),
    isEnded: fc.boolean(),
    isAnswered: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** Changes the list and the array in the same way. */
function change(list: ReturnType<typeof inFlight>, model: Node[], { what, exclusion, pick, ...more }: Change): void {
  const picked = model[pick % Math.max(1, model.length)];
  if (what === 'add') {
    const added = node(exclusion, more);
    list.add(added);
    model.push(added);
  } else if (what === 'remove' && picked !== undefined) {
    list.remove(picked);
    model.splice(model.indexOf(picked), 1);
  } else if (what === 'end' && picked?.isEnded === false) {
    list.end(picked);
  } else if (what === 'answer' && picked?.isAnswered === false) {
    list.answer(picked);
  }
}

/** Whether a request may leave beside those that are held. */
function mayLeave(exclusion: Exclusion, held: readonly Exclusion[]): boolean {
  if (held.includes('all') || (exclusion === 'all' && held.length > 0)) return false;
  return exclusion === 'none' || !held.includes('writes');
}

function expectSame(list: ReturnType<typeof inFlight>, model: readonly Node[]): void {
  const held = model.filter(({ isEnded }) => !isEnded);
  const beside = held.map(({ exclusion }) => exclusion);
  expect([...list]).toEqual(model);
  expect(list).toMatchObject({ size: model.length, unanswered: model.filter((each) => !each.isAnswered).length });
  expect(list.oldest).toBe(held[0]);
  for (const asked of ['none', 'writes', 'all'] as const) {
    expect([asked, beside, list.admits(asked)]).toEqual([asked, beside, mayLeave(asked, beside)]);
  }
}

describe('the list of requests in flight', () => {
  it('does what an array does, whatever is added, ended, answered and removed', () => {
    fc.assert(
      fc.property(changes, (history) => {
        const list = inFlight();
        const model: Node[] = [];
        for (const each of history) {
          change(list, model, each);
          expectSame(list, model);
        }
      }),
    );
  });

  it('marks a request as ended or answered', () => {
    const list = inFlight();
    const request = node('writes');
    list.add(request);
    list.end(request);
    list.answer(request);
    expect(request).toMatchObject({ isEnded: true, isAnswered: true });
  });

  it('lets a request be added again after it was removed', () => {
    const [here, there] = [inFlight(), inFlight()];
    const nodes = [node('none'), node('none'), node('none')];
    for (const each of nodes) here.add(each);
    for (const each of nodes) {
      here.remove(each);
      there.add(each);
    }
    expect([[...here], [...there]]).toEqual([[], nodes]);
  });
});
