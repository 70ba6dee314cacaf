import type { ManagerOptions, RESTBucketManager } from '../../../src/index.js';
import { limiter, startClock } from '../../rig.js';

/** The wall clock, which goes on when a process ends. */
export const wall = { now: 1_700_000_000_000 };

/** A manager of the process that runs. */
export function begin(options: ManagerOptions = {}): RESTBucketManager {
  return limiter({ wallTime: () => wall.now, ...options });
}

/** Ends the process, and starts another `downtime` ms later, whose clock starts near zero. */
export function restart(manager: RESTBucketManager, downtime = 0, options: ManagerOptions = {}): RESTBucketManager {
  const json = JSON.stringify(manager.snapshot());
  manager.close();
  wall.now += downtime;
  startClock(50);
  const next = begin(options);
  next.restore(JSON.parse(json));
  return next;
}
