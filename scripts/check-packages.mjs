// Checks each published package as npm would ship it: its exports, its types, and the content of the tarball.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPublicTypes } from './public-types.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules/.bin', name);
const run = (cwd, command, args) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

const LIB = 'es2023,esnext.disposable';

for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  const [pack] = JSON.parse(run(folder, 'npm', ['pack', '--json']));
  try {
    const stray = pack.files
      .map(({ path }) => path)
      .filter((path) => !/^(package\.json|README\.md|LICENSE|dist\/.*\.(js|d\.ts)|lua\/.*\.lua)$/.test(path));
    if (stray.length > 0) throw new Error(`${pack.name} would ship ${stray.join(', ')}`);
    run(root, bin('publint'), [folder, '--strict']);
    // The check of users who type-check their libraries.
    run(folder, bin('tsc'), [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node',
      '--lib',
      LIB,
      'dist/index.d.ts',
    ]);
    if (pack.name === 'sluice') checkPublicTypes(folder, ['dist/index.d.ts', 'dist/testing.d.ts']);
    run(root, bin('attw'), [join(folder, pack.filename), '--profile', 'esm-only']);
    console.log(
      `${pack.name}: ${pack.files.length} files, ${pack.size} bytes packed, ${pack.unpackedSize} bytes unpacked`,
    );
  } finally {
    rmSync(join(folder, pack.filename), { force: true });
  }
}
