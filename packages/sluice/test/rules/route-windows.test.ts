import { describe, expect, it } from 'vitest';
import { RouteWindows } from '../../src/rules/route-windows.js';
import { Window } from '../../src/rules/window.js';
import { observation } from './observations.js';

describe('the windows of the routes of a bucket', () => {
  it('start with the window of the first route, and learn only from responses of their own route', () => {
    const first = new Window();
    first.observe(observation({ at: 100, limit: 5, remaining: 4, reset: 1_100, route: 'a' }));
    const windows = new RouteWindows('a', first);
    const second = windows.observe(observation({ at: 200, limit: 5, remaining: 3, reset: 1_100, route: 'b' }));
    expect([windows.get('a')?.available(0, 300), windows.get('b')?.available(0, 300)]).toEqual([4, 3]);
    expect([windows.get('b'), windows.get('c')]).toEqual([second, undefined]);
    windows.observe(observation({ at: 250, limit: 5, remaining: 2, reset: 1_100, route: 'b' }));
    expect([second.kind, second.available(0, 300), first.available(0, 300)]).toEqual(['fixed', 2, 4]);
  });

  it('prove a counter of its own only by comparison with other routes', () => {
    const first = new Window();
    first.observe(observation({ at: 100, limit: 5, remaining: 4, reset: 1_100, route: 'a' }));
    const windows = new RouteWindows('a', first);
    const opening = { at: 300, limit: 5, remaining: 4, reset: 1_300 };
    expect(windows.isSeparate(observation({ ...opening, route: 'a' }))).toBe(false);
    expect(windows.isSeparate(observation({ ...opening, route: 'b' }))).toBe(true);
  });
});
