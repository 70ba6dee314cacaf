/** The number of processes on the token. */
export const PROCESSES = 4;

/** Requests per second that Discord admits for one token. */
export const GLOBAL_LIMIT = 50;

/** The number of channels that all processes write to, and of channels that each has to itself. */
const SHARED_CHANNELS = 3;
const OWN_CHANNELS = 8;

/** Messages that the simulated Discord admits in a channel at once. After that, it admits one per second. */
const MESSAGES_AT_ONCE = 5;

/** One message to send. */
export interface Message {
  readonly path: string;
  readonly content: string;
}

function message(channel: number, number: number): Message {
  const id = 1_000_000_000_000_000_000n + BigInt(channel);
  return { path: `/channels/${id}/messages`, content: `Message ${number}` };
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/**
 * The messages of one process: for each channel, as many as it admits in the given number of seconds. In the shared
 * channels the processes take turns. The global limit decides at first, the limits of the channels in the end.
 */
export function loadOf(place: number, seconds: number): Message[] {
  const own = numbers(OWN_CHANNELS).map((channel) => 1_000 * (place + 1) + channel);
  return numbers(MESSAGES_AT_ONCE + seconds - 1).flatMap((number) => {
    const isItsTurn = number % PROCESSES === place;
    const channels = isItsTurn ? [...numbers(SHARED_CHANNELS), ...own] : own;
    return channels.map((channel) => message(channel, number));
  });
}

/** The messages of all processes. */
export function loads(seconds: number): readonly Message[][] {
  return numbers(PROCESSES).map((place) => loadOf(place, seconds));
}
