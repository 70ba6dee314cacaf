import { describe, expect, it } from 'vitest';
import { RecentRequests } from '../../src/rules/recent-requests.js';

function add(recent: RecentRequests, route: string, majorKey: string, at: number, ...fields: string[]): void {
  recent.add(route, majorKey, fields, at - 20, at + 20);
}

describe('recent requests', () => {
  it('are remembered by route and major parameters, oldest first', () => {
    const recent = new RecentRequests();
    add(recent, 'a', '1', 300, 'late');
    add(recent, 'a', '1', 100, 'early');
    add(recent, 'a', '2', 100);
    add(recent, 'b', '1', 100);
    expect(recent.of('a', '1')).toEqual([
      { fields: ['early'], sentAt: 80, receivedAt: 120 },
      { fields: ['late'], sentAt: 280, receivedAt: 320 },
    ]);
  });

  it('are the latest ones, in bounded memory: each replaces the oldest as a whole', () => {
    const recent = new RecentRequests();
    add(recent, 'a', '1', 0, 'name');
    for (let at = 1; at < 10_000; at++) add(recent, 'c', '2', at, `f${at}`);
    expect(recent.of('a', '1')).toEqual([]);
    const remembered = recent.of('c', '2');
    expect(remembered).toHaveLength(4_096);
    expect(remembered[0]).toEqual({ fields: ['f5904'], sentAt: 5_884, receivedAt: 5_924 });
    expect(remembered.at(-1)).toEqual({ fields: ['f9999'], sentAt: 9_979, receivedAt: 10_019 });
  });
});
