import { installedVersion } from '../installed-version.js';
import { packageOf } from './clients/roster.js';

/** The versions of the clients, by their names. A client that comes with Node.js has the version of Node.js. */
export function versionsOf(clients: readonly string[]): Record<string, string> {
  return Object.fromEntries(clients.map((client) => [client, versionOf(client)]));
}

function versionOf(client: string): string {
  const packageName = packageOf(client);
  return packageName === undefined ? `Node.js ${process.version}` : installedVersion(packageName);
}
