import type {
  AddressNews,
  AddressReply,
  BucketReply,
  Coordinator,
  SharedAddress,
  StoreNews,
  StoreReply,
  StoreRequest,
} from '../../src/coordination/coordinator.js';

/** An exchange that the test ends. */
export interface ScriptedExchange {
  readonly request: StoreRequest;
  reply(reply: Partial<StoreReply>): void;
  fail(reason: string): void;
}

/** A store that replies as a test says, and when. */
export class ScriptedStore implements Coordinator {
  readonly onUnavailable: 'local' | 'reject';
  readonly lease = 10_000;
  readonly processes = 2;
  /** All exchanges so far, oldest first. */
  readonly exchanges: ScriptedExchange[] = [];
  tell: (news: StoreNews) => void = () => {};
  isOpen = false;

  constructor(onUnavailable: 'local' | 'reject' = 'local') {
    this.onUnavailable = onUnavailable;
  }

  get latest(): ScriptedExchange {
    const latest = this.exchanges.at(-1);
    if (latest === undefined) throw new Error('There was no exchange');
    return latest;
  }

  open(_: string, onNews: (news: StoreNews) => void) {
    this.tell = onNews;
    this.isOpen = true;
    return {
      whenReady: (collect: () => void) => queueMicrotask(collect),
      exchange: (request: StoreRequest) => this.#exchange(request),
      close: () => {
        this.isOpen = false;
      },
    };
  }

  openAddress(_: (news: AddressNews) => void): SharedAddress {
    const reply: AddressReply = { invalid: [], processes: 1, version: 0 };
    return { exchange: async () => reply, close: () => {} };
  }

  #exchange(request: StoreRequest): Promise<StoreReply> {
    return new Promise((resolve, reject) => {
      const nothing = request.buckets.map((): BucketReply => ({}));
      this.exchanges.push({
        request,
        reply: (reply) => resolve({ now: 1_000_000, epoch: 'first', processes: 2, buckets: nothing, ...reply }),
        fail: (reason) => reject(new Error(reason)),
      });
    });
  }
}
