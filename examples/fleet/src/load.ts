/** How many processes share the token. */
export const PROCESSES = 4;

/** Requests in a second that Discord admits of one token. */
export const GLOBAL_LIMIT = 50;

/** The channels that all processes write to, and those that each has for itself. */
const SHARED_CHANNELS = 3;
const OWN_CHANNELS = 8;

/** What the simulated Discord admits in a channel at once; then it is one message a second. */
const MESSAGES_AT_ONCE = 5;

/** One message to be sent. */
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
 * What one of the processes sends: as many messages to each channel as it takes in so many seconds. In the shared ones
 * the processes take turns. The global limit is what holds them up at first, those of the channels in the end.
 */
export function loadOf(place: number, seconds: number): Message[] {
  const own = numbers(OWN_CHANNELS).map((channel) => 1_000 * (place + 1) + channel);
  return numbers(MESSAGES_AT_ONCE + seconds - 1).flatMap((number) => {
    const isItsTurn = number % PROCESSES === place;
    const channels = isItsTurn ? [...numbers(SHARED_CHANNELS), ...own] : own;
    return channels.map((channel) => message(channel, number));
  });
}

/** What all of them send, process by process. */
export function loads(seconds: number): readonly Message[][] {
  return numbers(PROCESSES).map((place) => loadOf(place, seconds));
}
