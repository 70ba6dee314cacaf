import { expect, it, vi } from 'vitest';
import { listenToAbort } from '../../src/clock/abort-listener.js';

it('calls the listener when the signal aborts', () => {
  const controller = new AbortController();
  const listener = vi.fn();
  listenToAbort(controller.signal, listener);
  expect(listener).not.toHaveBeenCalled();
  controller.abort();
  expect(listener).toHaveBeenCalledOnce();
});

it('lets any number of requests share a signal without a warning about a leak', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { signal } = new AbortController();
  for (let request = 0; request < 100; request++) listenToAbort(signal, () => {});
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});

it('accepts a signal that is not an EventTarget of this realm', () => {
  const listeners: unknown[] = [];
  const foreign = { addEventListener: (...given: unknown[]) => listeners.push(given[1]) };
  const listener = () => {};
  listenToAbort(foreign as unknown as AbortSignal, listener);
  expect(listeners).toEqual([listener]);
});
