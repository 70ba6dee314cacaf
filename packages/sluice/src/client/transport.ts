/** The type of `fetch`. */
export type Fetch = typeof globalThis.fetch;

/** The global `fetch` as it is when it is called, so that one which is replaced later is used, too. */
export const globalFetch: Fetch = (input, init) => globalThis.fetch(input, init);
