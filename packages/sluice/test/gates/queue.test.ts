import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Queue, QueueNode } from '../../src/gates/queue.js';

function byTurn(a: QueueNode, b: QueueNode): number {
  return b.priority - a.priority || a.sequence - b.sequence;
}

const nodes = fc
  .array(fc.integer({ min: -2, max: 2 }), { maxLength: 60 })
  .map((priorities) => priorities.map((priority, sequence) => new QueueNode(priority, sequence)));

describe('Queue', () => {
  it('is first in, first out within a priority, higher priorities first', () => {
    fc.assert(
      fc.property(nodes, (all) => {
        const queue = new Queue<QueueNode>();
        for (const node of all) queue.insert(node);
        expect([...queue]).toEqual([...all].sort(byTurn));
        expect(queue.size).toBe(all.length);
      }),
    );
  });

  it('puts a node that comes again at its old place', () => {
    fc.assert(
      fc.property(nodes, fc.nat(), (all, pick) => {
        const queue = new Queue<QueueNode>();
        for (const node of all) queue.insert(node);
        const node = all[pick % Math.max(1, all.length)];
        if (node === undefined) return;
        queue.remove(node);
        queue.remove(node);
        expect(queue.size).toBe(all.length - 1);
        queue.insert(node);
        expect([...queue]).toEqual([...all].sort(byTurn));
      }),
    );
  });

  it('merges with another in order, and leaves there what is not accepted', () => {
    fc.assert(
      fc.property(nodes, fc.func(fc.integer({ min: 0, max: 2 })), (all, side) => {
        const queue = new Queue<QueueNode>();
        const other = new Queue<QueueNode>();
        const sides = new Map(all.map((node) => [node, side(node.sequence)]));
        for (const node of all) (sides.get(node) === 0 ? queue : other).insert(node);
        const moved = queue.absorb(other, (node) => sides.get(node) === 1);
        expect([...queue]).toEqual(all.filter((node) => sides.get(node) !== 2).sort(byTurn));
        expect([...other]).toEqual(all.filter((node) => sides.get(node) === 2).sort(byTurn));
        expect(moved.every((node) => sides.get(node) === 1)).toBe(true);
      }),
    );
  });

  it('shifts until it is empty', () => {
    const queue = new Queue<QueueNode>();
    expect(queue.shift()).toBeUndefined();
    const node = new QueueNode(0, 0);
    queue.insert(node);
    expect(queue.isEmpty).toBe(false);
    expect(queue.shift()).toBe(node);
    expect(queue.isEmpty).toBe(true);
  });
});
