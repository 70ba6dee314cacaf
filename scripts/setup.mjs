// Makes a fresh clone ready: installs the locked dependencies if they are missing, and builds the changed parts of the
// named projects, or of all. Prints on standard error only, because the demo's --json promises one line on standard
// output.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const isWindows = process.platform === 'win32';

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: isWindows });
  if (result.status !== 0) {
    process.stderr.write(`\nSet-up failed: ${command} ${args.join(' ')}\n`);
    process.exit(result.status ?? 1);
  }
}

function isInstalled() {
  const installed = join(root, 'node_modules/.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

if (!isInstalled()) {
  process.stderr.write('Installing dependencies...\n');
  run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund']);
}
run(join(root, 'node_modules/.bin/tsc'), ['-b', ...process.argv.slice(2)]);
