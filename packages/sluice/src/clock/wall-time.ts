/**
 * The current wall-clock time, in ms since the Unix epoch. Unlike a `Clock` it may step, but it goes on while no
 * process runs. It is only used to find out how long no process ran.
 */
export type WallTime = () => number;

/** The machine's wall clock. */
export const systemWallTime: WallTime = () => Date.now();
