import { installedVersion } from '../installed-version.js';

const PACKAGES = ['sluice', '@discordjs/rest', '@sapphire/async-queue', 'bottleneck', 'eris', 'oceanic.js', 'p-queue'];

/** The versions of what is measured, by package. */
export function versions(): Readonly<Record<string, string>> {
  return Object.fromEntries(PACKAGES.map((name) => [name, installedVersion(name)]));
}
