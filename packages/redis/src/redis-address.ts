import { randomBytes } from 'node:crypto';
import type { AddressNews, AddressReply, AddressRequest, SharedAddress } from 'sluice';
import type { StoreConnection } from './redis-store.js';
import { Script } from './script.js';

const COUNT = new Script('address.lua');

/** What is shared of one IP address. */
export class RedisAddress implements SharedAddress {
  readonly #connection: StoreConnection;
  readonly #key: string;
  readonly #channel: string;
  readonly #me = randomBytes(9).toString('base64url');
  readonly #stopListening: () => void;

  constructor(egress: string, connection: StoreConnection, onNews: (news: AddressNews) => void) {
    this.#connection = connection;
    this.#key = `${connection.prefix}{address:${egress}}:invalid`;
    this.#channel = `${connection.prefix}{address:${egress}}:news`;
    this.#stopListening = connection.listen(this.#channel, (message) => {
      const { from, ...news } = message === undefined ? { from: '', isGap: true } : JSON.parse(message);
      if (from !== this.#me) onNews(news);
    });
  }

  async exchange(request: AddressRequest): Promise<AddressReply> {
    const { isSharded, now } = this.#connection;
    const message = {
      me: this.#me,
      channel: this.#channel,
      ...(isSharded && { sharded: true }),
      ...(now && { now: now() }),
      ...request,
    };
    const reply = JSON.parse(await this.#connection.run(COUNT, [this.#key], JSON.stringify(message)));
    return { invalid: [], ...reply };
  }

  close(): void {
    this.#stopListening();
  }
}
