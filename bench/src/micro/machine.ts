import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where and with what was measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** Versions of what was measured, by package. */
  readonly packages: Readonly<Record<string, string>>;
}

const PACKAGES = ['sluice', '@discordjs/rest', '@sapphire/async-queue', 'bottleneck', 'eris', 'oceanic.js', 'p-queue'];

/** This machine. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

/** As its manifest says, which not every package exports. */
function versionOf(name: string): string {
  const paths = createRequire(fileURLToPath(import.meta.url)).resolve.paths(name) ?? [];
  for (const path of paths) {
    const version = readVersion(join(path, name, 'package.json'));
    if (version !== undefined) return version;
  }
  throw new Error(`${name} is not installed below ${dirname(paths[0] ?? '.')}`);
}

function readVersion(manifest: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** The machine in one line. */
export function describeMachine({ cpu, cores, memoryGiB, system, node, v8 }: Machine): string {
  return `Node ${node} (V8 ${v8}), ${system}, ${cores} × ${cpu}, ${memoryGiB} GiB`;
}
