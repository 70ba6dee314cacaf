import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that systems give to outgoing connections, so that a server can come back on the same port.
const FIRST = 10_000;
const COUNT = 12_000;
/** A node of a cluster also listens on its own port plus this. */
const CLUSTER_BUS = 10_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** Returns a loopback port on which nothing listens, nor on its cluster bus. */
export async function freePort(): Promise<number> {
  const port = FIRST + Math.floor(Math.random() * COUNT);
  const isUsable = (await isFree(port)) && (await isFree(port + CLUSTER_BUS));
  return isUsable ? port : freePort();
}
