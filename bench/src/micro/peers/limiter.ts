/** A limiter as the benchmarks use all of them: requests to some buckets, of which none has to wait for a limit. */
export interface Limiter {
  /**
   * Sends requests one after another, each once the one before is answered at once.
   *
   * @param buckets Places in the list of channels with which the limiter was made; used in turn.
   * @param from Where in it to begin.
   */
  inSequence(buckets: Uint32Array, from: number, count: number): Promise<void>;
  /** Sends a request, whose answer comes a microtask after it has left; resolves when it is dealt with. */
  send(bucket: number): Promise<void>;
  /** @throws Error when it has not dealt with so many requests. */
  verify(requests: number): void;
}

/** A limiter with one bucket for each of some channels. */
export type MakeLimiter = (channels: readonly string[]) => Promise<Limiter>;

/** Whom to compare. Loaded only in the process that measures it. */
export interface Contender {
  readonly who: string;
  readonly load: () => Promise<MakeLimiter>;
}

/** Counts what a limiter has let pass, to prove that it has worked. */
export function verifyCount(who: string, passed: number, requests: number): void {
  if (passed !== requests) throw new Error(`${who} has dealt with ${passed} requests of ${requests}`);
}
