/** The type of `fetch`. */
export type Fetch = typeof globalThis.fetch;

/** Calls the current global `fetch`, even if it was replaced after this module was loaded. */
export const globalFetch: Fetch = (input, init) => globalThis.fetch(input, init);
