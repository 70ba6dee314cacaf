/** Bytes of live objects on the heap. */
export function heapUsed(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Measuring memory takes node --expose-gc');
  // Weak references and finalizers need more than one collection.
  for (let pass = 0; pass < 4; pass++) gc();
  return process.memoryUsage().heapUsed;
}

/**
 * Bytes per item of `count` items that `make` creates and returns. The measurement follows at once, before any promise
 * continues.
 */
export async function bytesEach(
  count: number,
  make: (count: number) => HeldObjects | Promise<HeldObjects>,
): Promise<number> {
  const before = heapUsed();
  const made = make(count);
  const held = made instanceof Promise ? await made : made;
  const bytes = heapUsed() - before;
  held.verify();
  return bytes / count;
}

/** Holds all created items, so that none is collected during the measurement. */
export interface HeldObjects {
  /** @throws Error when an item is missing. */
  verify(): void;
}
