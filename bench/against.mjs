// The cost of a change: measures Sluice's own cases in this tree and in an earlier commit, in turns, and compares them.
//   npm run bench:against -- COMMIT [GROUP/TABLE…]     default: decisions, and an idle bucket
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { median } from './dist/micro/statistics.js';

const ROUNDS = 11;
const DEFAULT = [
  'decisions/one request after another, 1 bucket',
  'decisions/one request after another, 100,000 buckets',
  'decisions/10,000 requests at once, 1 bucket',
  'decisions/100,000 requests at once, 100,000 buckets',
  'memory/an idle bucket, of 100,000',
];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [commit, ...named] = process.argv.slice(2);
if (commit === undefined) {
  process.stderr.write('npm run bench:against -- COMMIT [GROUP/TABLE…]\n');
  process.exit(2);
}

function run(cwd, command, ...args) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Measures with the benchmarks of the tree. */
async function measure(tree, place) {
  const { measureInProcess } = await import(pathToFileURL(join(tree, 'bench/dist/micro/case-process.js')).href);
  const [{ value }] = await measureInProcess({ places: [place] });
  return value;
}

const before = join(mkdtempSync(join(tmpdir(), 'sluice-against-')), 'tree');
run(root, 'git', 'worktree', 'add', '--quiet', '--detach', before, commit);
try {
  process.stderr.write('Installing and building the earlier commit...\n');
  run(before, 'npm', 'ci', '--loglevel=error', '--no-audit', '--no-fund');
  run(before, join(before, 'node_modules/.bin/tsc'), '-b', 'bench');
  process.stdout.write(`| Sluice | ${commit} | this tree | ratio |\n| --- | ---: | ---: | ---: |\n`);
  for (const name of named.length > 0 ? named : DEFAULT) {
    const [group, ...table] = name.split('/');
    const place = { group, table: table.join('/'), who: 'Sluice' };
    const values = { before: [], after: [] };
    for (let round = 0; round < ROUNDS; round++) {
      values.before.push(await measure(before, place));
      values.after.push(await measure(root, place));
    }
    const [old, now] = [median(values.before), median(values.after)];
    process.stdout.write(`| ${place.table} | ${old.toFixed(0)} | ${now.toFixed(0)} | ${(now / old).toFixed(2)} |\n`);
  }
} finally {
  run(root, 'git', 'worktree', 'remove', '--force', before);
  rmSync(dirname(before), { recursive: true, force: true });
}
