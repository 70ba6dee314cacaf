import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chosen } from './choice.js';
import { type Command, parseCommandLine, USAGE, UsageError } from './command-line.js';
import { type Equivalent, equivalentOf, readEquivalents, staleEntries } from './equivalent.js';
import { type Mutant, mutantsOf } from './mutant.js';
import { diffOf, type Result, rowsOf, textOf } from './report.js';
import { killAll } from './running.js';
import { byFolder, shuffled } from './sampling.js';
import { TreeCopy } from './tree-copy.js';
import { Trials } from './trial.js';
import { languageOf, readWorkspace, sourcesIn, type Workspace } from './workspace.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EQUIVALENT = join(ROOT, 'mutants/equivalent.json');
const EXIT_BAD_USAGE = 2;
const EXIT_INTERRUPTED = 130;

function allMutants({ root, files }: Workspace): Mutant[] {
  return sourcesIn(files).flatMap((file) => {
    const language = languageOf(file);
    return language === undefined ? [] : mutantsOf(file, readFileSync(join(root, file), 'utf8'), language);
  });
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Tries mutants of a folder until as many as are wanted were neither refused by the compiler nor equivalent. */
async function tryFolder(
  mutants: readonly Mutant[],
  wanted: number,
  entries: readonly Equivalent[],
  trials: Trials,
): Promise<Result[]> {
  const results: Result[] = [];
  let tried = 0;
  for (const mutant of mutants) {
    if (tried >= wanted) break;
    const entry = equivalentOf(mutant, entries);
    const startedAt = performance.now();
    const verdict = entry ? { kind: 'equivalent' as const, why: entry.why } : await trials.try(mutant);
    results.push({ mutant, verdict });
    if (verdict.kind === 'noticed' || verdict.kind === 'unnoticed') tried++;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    const by = verdict.kind === 'noticed' ? ` by ${verdict.by}` : '';
    note(`${mutant.id} ${mutant.file}:${mutant.line} ${mutant.operator}: ${verdict.kind}${by} (${seconds} s)`);
  }
  return results;
}

async function tryAll(command: Command, workspace: Workspace, mutants: readonly Mutant[]): Promise<Result[]> {
  const entries = readEquivalents(readFileSync(EQUIVALENT, 'utf8'));
  const folders = byFolder(shuffled(chosen(mutants, command), command.seed));
  const wanted = command.ids.length > 0 ? Number.POSITIVE_INFINITY : command.sample;
  using copy = new TreeCopy(workspace);
  endWith(copy);
  const trials = new Trials(copy, workspace.files, { ...command, report: note });
  await trials.prepare([...folders.values()].flatMap((list) => list.slice(0, wanted)).map(({ file }) => file));
  const results: Result[] = [];
  for (const list of folders.values()) results.push(...(await tryFolder(list, wanted, entries, trials)));
  return results;
}

/** Leaves nothing behind when it is interrupted. */
function endWith(copy: TreeCopy): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      killAll();
      copy[Symbol.dispose]();
      process.exit(EXIT_INTERRUPTED);
    });
  }
}

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommandLine(args);
  if (command.kind === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const workspace = readWorkspace(ROOT);
  const mutants = allMutants(workspace);
  if (command.kind === 'list') {
    const listed = chosen(mutants, command);
    process.stdout.write(command.isJSON ? `${JSON.stringify(listed)}\n` : `${listed.map(diffOf).join('\n\n')}\n`);
    return;
  }
  const results = await tryAll(command, workspace, mutants);
  const stale = staleEntries(readEquivalents(readFileSync(EQUIVALENT, 'utf8')), mutants);
  process.stdout.write(
    command.isJSON ? `${JSON.stringify({ rows: rowsOf(results), results, stale })}\n` : textOf(results, stale),
  );
}

/** Errors of use end in one sentence; any other is a defect, and keeps its stack. */
function fail(error: unknown): void {
  if (!(error instanceof UsageError)) throw error;
  note(`${error.message} See npm run mutants -- --help`);
  process.exitCode = EXIT_BAD_USAGE;
}

await main(process.argv.slice(2)).catch(fail);
