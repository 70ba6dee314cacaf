import { vi } from 'vitest';

/** The longest time between two readings that counts, in ms: a longer one means that the process did not run. */
const LONGEST_TURN = 2;

/**
 * Makes `performance.now()` count only while the process runs, so that a busy machine makes no request late. Everything in
 * this process that asks for the time gets this one: client and simulator.
 *
 * @returns Sets the machine's time again.
 */
export function countRunningTimeOnly(): () => void {
  const machineTime = performance.now.bind(performance);
  let last = machineTime();
  let counted = last;
  const read = () => {
    const now = machineTime();
    counted += Math.min(now - last, LONGEST_TURN);
    last = now;
    return counted;
  };
  const spy = vi.spyOn(performance, 'now').mockImplementation(read);
  const ticker = setInterval(read, 1);
  return () => {
    clearInterval(ticker);
    spy.mockRestore();
  };
}
