/** Bytes that live objects take on the heap. */
export function heapUsed(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Measuring memory takes node --expose-gc');
  // Weak references and finalizers need more than one.
  for (let pass = 0; pass < 4; pass++) gc();
  return process.memoryUsage().heapUsed;
}

/**
 * Bytes that each of `count` things takes which `make` makes and returns. What it returns at once is measured at once,
 * before any promise goes on.
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

/** What was made. It holds all of it, so that nothing is collected while it is measured. */
export interface HeldObjects {
  /** @throws Error when not all of it is there. */
  verify(): void;
}
