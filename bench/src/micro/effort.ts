import type { Effort } from './group.js';

/** The size of a measurement. */
export const FULL: Effort = {
  size: (full) => full,
  time: 500,
  warmUpTime: 250,
  rounds: 7,
  roundsTime: 3_000,
};

/** The largest number of anything in a smoke run. */
const SMOKE_SIZE = 50;

/** Just enough to see that everything runs: the numbers mean nothing. */
export const SMOKE: Effort = {
  size: (full) => Math.min(full, SMOKE_SIZE),
  time: 0,
  warmUpTime: 0,
  rounds: 1,
  roundsTime: 0,
};
