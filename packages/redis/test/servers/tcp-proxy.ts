import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'sluice-redis-server';

/** Passes on bytes that one side has sent. */
type Forward = (bytes: Buffer) => void;

/** Stands between clients and a server on 127.0.0.1, and delays or cuts their connections on request. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  /** For servers without TLS. */
  readonly url: string;
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #delay = 0;
  /** The number of replies still to be lost. */
  #repliesToCut = 0;
  #onReplyCut: () => void = () => {};

  constructor(port: number, target: number) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#target = target;
    this.#server = createServer((client) => this.#connect(client));
  }

  /** The number of connected clients. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** From now on, bytes arrive `ms` late in each direction: a reply comes 2 × `ms` later. */
  delay(ms: number): void {
    this.#delay = ms;
  }

  /** Ends all connections, and refuses new ones until `restore()`. */
  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * From now on, commands still reach the server, but its reply ends the connection instead of reaching the client. This
   * happens to the next `times` replies, or to all until `restore()`. Resolves when the first reply is lost: by then, the
   * command has been executed.
   */
  cutReplies({ times = Number.POSITIVE_INFINITY } = {}): Promise<void> {
    this.#repliesToCut = times;
    return new Promise((resolve) => {
      this.#onReplyCut = resolve;
    });
  }

  /** Ends the effect of `cut()` and `cutReplies()`, but not the delay. */
  async restore(): Promise<void> {
    this.#repliesToCut = 0;
    if (this.#server.listening) return;
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
  }

  #connect(client: Socket): void {
    const server = createConnection(this.#target, '127.0.0.1');
    this.#carry(client, server, (bytes) => server.write(bytes));
    this.#carry(server, client, (bytes) => {
      if (!this.#loses()) client.write(bytes);
      else for (const socket of [client, server]) socket.destroy();
    });
  }

  #carry(from: Socket, to: Socket, forward: Forward): void {
    let last: Promise<unknown> = Promise.resolve();
    const late = (action: () => void) => {
      const delayed = this.#delay > 0 ? sleep(this.#delay) : undefined;
      // One after another, because later bytes with a shorter delay must not overtake.
      last = Promise.all([last, delayed]).then(() => to.destroyed || action());
    };
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (bytes) => late(() => forward(bytes)));
    // A reset ends the other side as well, through the close that follows.
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      late(() => to.destroySoon());
    });
  }

  #loses(): boolean {
    if (this.#repliesToCut <= 0) return false;
    this.#repliesToCut -= 1;
    this.#onReplyCut();
    return true;
  }
}

/** Starts a proxy in front of a server. */
export async function startTcpProxy({ port }: { readonly port: number }): Promise<TcpProxy> {
  const proxy = new TcpProxy(await freePort(), port);
  await proxy.restore();
  return proxy;
}
