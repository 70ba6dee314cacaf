import { describe, expect, it } from 'vitest';
import { clock } from '../rig.js';
import { queued, waiting } from './parts.js';

describe('the waiting requests of a bucket', () => {
  it('are those in the queue and those beside it', () => {
    const requests = waiting();
    expect([requests.isEmpty, requests.size, requests.all]).toEqual([true, 0, []]);
    const [inQueue, beside] = [queued(1), queued(2)];
    requests.parked.add(beside);
    expect([requests.isEmpty, requests.size, requests.all]).toEqual([false, 1, [beside]]);
    requests.queue.insert(inQueue);
    expect([requests.isEmpty, requests.size, new Set(requests.all)]).toEqual([false, 2, new Set([inQueue, beside])]);
    requests.parked.delete(beside);
    expect([requests.isEmpty, requests.size, requests.all]).toEqual([false, 1, [inQueue]]);
  });

  it('can be taken out while all of them are visited', () => {
    const requests = waiting();
    const all = [queued(1), queued(2), queued(3)];
    for (const each of all) requests.queue.insert(each);
    for (const each of requests.all) requests.queue.remove(each);
    expect(requests.isEmpty).toBe(true);
  });

  it('have one timer, for the earliest instant', async () => {
    const requests = waiting();
    const woken: string[] = [];
    const wakeAt = (at: number, name: string) => requests.wakeAt(at, clock, () => woken.push(`${name} ${clock.now()}`));
    expect(wakeAt(3_000, 'late')).toBe(true);
    expect(wakeAt(2_000, 'early')).toBe(true);
    expect(wakeAt(2_000, 'same')).toBe(false);
    expect(wakeAt(2_500, 'later')).toBe(false);
    expect(clock.pendingTimers).toBe(1);
    await clock.runAll();
    expect(woken).toEqual(['early 2000']);
    expect(wakeAt(4_000, 'next')).toBe(true);
    await clock.runAll();
    expect(woken).toEqual(['early 2000', 'next 4000']);
  });

  it('have no timer once nothing waits for an instant', () => {
    const requests = waiting();
    requests.wakeAt(2_000, clock, () => expect.fail('Nothing waits'));
    requests.stopWaking();
    expect(clock.pendingTimers).toBe(0);
    expect(requests.wakeAt(5_000, clock, () => {})).toBe(true);
    requests.stopWaking();
  });
});
