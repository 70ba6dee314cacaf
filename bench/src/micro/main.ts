import { describeMachine, thisMachine } from '../machine.js';
import { type Command, parseCommandLine, UsageError, usage } from './command-line.js';
import type { CasePlace, Group } from './group.js';
import { GROUPS, tablesOf } from './groups/catalogue.js';
import { markdownTable } from './markdown.js';
import { measureGroups, smokeGroups } from './measuring.js';
import { measureShared, REDIS_GROUP } from './redis/group.js';
import type { SharedRow } from './redis/results.js';
import { sharedMarkdown } from './redis/tables.js';
import { type Row, rowsOf, type Samples } from './row.js';
import { versions } from './versions.js';

const EXIT_BAD_USAGE = 2;

const NAMES = [...GROUPS.map(({ name }) => name), REDIS_GROUP];

/** All measurements. */
interface Results {
  readonly isSmoke: boolean;
  readonly groups: readonly Group[];
  readonly samples: Samples;
  /** Of the group that measures several processes at once. */
  readonly shared: readonly SharedRow[];
}

async function measure(command: Extract<Command, { kind: 'measure' }>): Promise<void> {
  const { isSmoke, repeat } = command;
  const groups = GROUPS.filter(({ name }) => command.groups.includes(name));
  const samples = isSmoke ? await smokeGroups(groups, showCase) : await measureGroups(groups, repeat, showCase);
  const shared = command.groups.includes(REDIS_GROUP) ? await measureShared(repeat, isSmoke, showProgress) : [];
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const results: Results = { isSmoke, groups, samples, shared };
  process.stdout.write(command.isJSON ? jsonOf(results) : markdownOf(results));
}

function showCase(done: number, total: number, { group, table, who }: CasePlace): void {
  showProgress(done, total, `${group}: ${table}, ${who}`);
}

function showProgress(done: number, total: number, what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done + 1}/${total} ${what}`.slice(0, 120));
}

/** One document for programs. */
function jsonOf({ isSmoke, groups, samples, shared }: Results): string {
  const rows: Row[] = [...tablesOf(groups)].flatMap(({ group, table }) => rowsOf(group, table, samples));
  const made = { date: new Date().toISOString(), isSmoke, machine: thisMachine(), packages: versions() };
  return `${JSON.stringify({ ...made, rows, shared })}\n`;
}

/** Tables for people. */
function markdownOf({ isSmoke, groups, samples, shared }: Results): string {
  const parts = [`${heading()}\n`];
  if (isSmoke) parts.push('A smoke run: the sizes are tiny and the numbers mean nothing.\n');
  for (const group of groups) {
    parts.push(`## ${group.name}\n\n${group.about}\n`);
    for (const table of group.tables) {
      parts.push(markdownTable(table.title, table.reference.who, rowsOf(group, table, samples)));
    }
  }
  if (shared.length > 0) parts.push(sharedMarkdown(shared));
  return parts.join('\n');
}

function heading(): string {
  const packages = Object.entries(versions()).map(([name, version]) => `${name} ${version}`);
  return `${describeMachine(thisMachine())}; ${packages.join(', ')}; ${new Date().toISOString().slice(0, 10)}`;
}

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommandLine(args, NAMES);
  if (command.kind === 'help') process.stdout.write(usage(NAMES));
  else await measure(command);
}

/** An error of use ends in one sentence. Any other error is a defect, and keeps its stack. */
function fail(error: unknown): void {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message} See npm run bench -- --help\n`);
  process.exitCode = EXIT_BAD_USAGE;
}

await main(process.argv.slice(2)).catch(fail);
