/**
 * Milliseconds by which an instant may miss an edge and still count as having reached it.
 *
 * A client that waits exactly as long as it was told computes `now + wait` in floating point and can land a
 * billionth of a millisecond early; a real clock has no such edge.
 */
export const TOLERANCE = 1e-6;
