import { installedVersion } from '../installed-version.js';

const PACKAGES = [
  'sluice',
  '@sluice/redis',
  '@discordjs/rest',
  '@sapphire/async-queue',
  'bottleneck',
  'eris',
  'ioredis',
  'oceanic.js',
  'p-queue',
  'rate-limiter-flexible',
];

/** The versions of the measured packages. */
export function versions(): Readonly<Record<string, string>> {
  return Object.fromEntries(PACKAGES.map((name) => [name, installedVersion(name)]));
}
