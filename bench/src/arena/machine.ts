import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageOf } from './clients/roster.js';

/** What a measurement was made on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
  readonly node: string;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

/** The versions of the clients, by their names; that of what comes with Node.js is its own. */
export function versionsOf(clients: readonly string[]): Record<string, string> {
  return Object.fromEntries(clients.map((client) => [client, versionOf(client)]));
}

function versionOf(client: string): string {
  const packageName = packageOf(client);
  return packageName === undefined ? `Node.js ${process.version}` : installedVersion(packageName);
}

/** Looks where Node does. A package need not export its `package.json`, so that it cannot be asked for by name. */
function installedVersion(packageName: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const path = join(folder, 'node_modules', packageName, 'package.json');
    if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
    if (folder === dirname(folder)) throw new Error(`The package ${packageName} is not installed`);
    folder = dirname(folder);
  }
}
