import { readFile, writeFile } from 'node:fs/promises';
import { killAll } from '../processes.js';
import { CLIENT_NAMES } from './clients/roster.js';
import { type Command, help, type Names, parseCommandLine, UsageError } from './command-line.js';
import { executeFleet } from './fleet/fleet-main.js';
import { joinReports, parseReport, type Report } from './report.js';
import { SCENARIOS } from './scenarios.js';
import { SMOKE_CLIENTS, SMOKE_SCENARIO, smokeProblems } from './smoke.js';
import { toMarkdown } from './table.js';
import { hold, type Plan } from './tournament.js';

const NAMES: Names = { clients: CLIENT_NAMES, scenarios: SCENARIOS.map(({ name }) => name) };

/** The first word of a command line for fleets. */
const FLEET = 'fleet';

/** The exit codes that a shell expects of a program that a signal has ended. */
const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

function note(text: string): void {
  process.stderr.write(text);
}

function planOf(command: Command & { readonly kind: 'run' | 'smoke' }): Plan {
  const { seed } = command;
  const flags = process.argv.slice(2);
  if (command.kind === 'smoke') {
    return { clients: command.clients ?? SMOKE_CLIENTS, scenarios: [SMOKE_SCENARIO], repeat: 1, seed, flags };
  }
  const { clients, repeat } = command;
  return { clients, scenarios: SCENARIOS.filter(({ name }) => command.scenarios.includes(name)), repeat, seed, flags };
}

async function reportFor(command: Command & { readonly kind: 'render' | 'run' | 'smoke' }): Promise<Report> {
  if (command.kind !== 'render') return hold(planOf(command), note);
  const [first, ...others] = command.files;
  let report = await readReport(first);
  for (const file of others) {
    const other = await readReport(file);
    report = naming(file, () => joinReports(report, other));
  }
  return report;
}

async function readReport(file: string): Promise<Report> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--from ${file}: ${messageOf(error)}`);
  });
  return naming(file, () => parseReport(text));
}

/** Errors name their file. */
function naming(file: string, read: () => Report): Report {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`--from ${file}: ${messageOf(error)}`);
  }
}

/** A run may take an hour, so a chart that cannot be written is better found before it. */
async function checkWritable(file: string): Promise<void> {
  try {
    await writeFile(file, '', { flag: 'a' });
  } catch (error) {
    throw new UsageError(`--svg: ${messageOf(error)}`);
  }
}

async function writeChart(report: Report, file: string): Promise<void> {
  // Loaded only now, because it is large, and this process shares the machine with the measured processes.
  const { toSVG } = await import('./chart.js');
  await writeFile(file, toSVG(report));
}

/** @returns The exit code. */
async function execute(command: Command): Promise<number> {
  if (command.kind === 'help') {
    process.stdout.write(help(NAMES));
    return 0;
  }
  if (command.svg !== undefined) await checkWritable(command.svg);
  const report = await reportFor(command);
  process.stdout.write(command.json ? `${JSON.stringify(report, undefined, 2)}\n` : toMarkdown(report));
  if (command.svg !== undefined) await writeChart(report, command.svg);
  const problems = command.kind === 'smoke' ? smokeProblems(report) : [];
  for (const problem of problems) note(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

/** The exit code: 0 for success, 1 when the arena itself fails, 2 for an invalid command line. */
async function main(): Promise<number> {
  try {
    const args = process.argv.slice(2);
    if (args[0] === FLEET) return await executeFleet(args.slice(1), note);
    return await execute(parseCommandLine(args, NAMES));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    note(`${error.message}\nSee: npm run arena -- --help\n`);
    return 2;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(SIGNAL_CODES[signal]));

process.exitCode = await main();
