import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The version of an installed package. The look-up follows Node's rules, because a package need not export its
 * `package.json`.
 *
 * @throws Error when the package is not installed.
 */
export function installedVersion(packageName: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const path = join(folder, 'node_modules', packageName, 'package.json');
    if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
    if (folder === dirname(folder)) throw new Error(`The package ${packageName} is not installed`);
    folder = dirname(folder);
  }
}
