/**
 * Milliseconds by which an instant may miss an edge and still count as having reached it.
 *
 * A client that waits exactly for the given time computes `now + wait` in floating point and can be a billionth of a
 * millisecond early. A real clock has no such edge.
 */
export const TOLERANCE = 1e-6;
