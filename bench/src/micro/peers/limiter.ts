/** A limiter in the shape that all benchmarks use: requests to some buckets, none of which has to wait for a limit. */
export interface Limiter {
  /**
   * Sends requests one after another, each as soon as the one before has its response.
   *
   * @param buckets Places in the list of channels with which the limiter was made; used in turn.
   * @param from The place in `buckets` to start from.
   */
  inSequence(buckets: Uint32Array, from: number, count: number): Promise<void>;
  /** Sends a request whose response comes a microtask after it has left; resolves when the limiter is done with it. */
  send(bucket: number): Promise<void>;
  /** @throws Error when the limiter is not done with this number of requests. */
  verify(requests: number): void;
}

/** A limiter with one bucket for each of some channels. */
export type MakeLimiter = (channels: readonly string[]) => Promise<Limiter>;

/** A contender. It is loaded only in the process that measures it. */
export interface Contender {
  readonly who: string;
  readonly load: () => Promise<MakeLimiter>;
}

/** Counts the requests that a limiter has let pass, to prove that it has worked. */
export function verifyCount(who: string, passed: number, requests: number): void {
  if (passed !== requests) throw new Error(`${who} has dealt with ${passed} requests of ${requests}`);
}
