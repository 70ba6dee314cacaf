/**
 * The present on the wall clock, in ms since the Unix epoch. Unlike a `Clock` it may step, but it goes on while no
 * process runs: it only serves to tell how long that was.
 */
export type WallTime = () => number;

/** The machine's wall clock. */
export const systemWallTime: WallTime = () => Date.now();
