import { describeMachine } from '../machine.js';
import { totalOf } from './measurement.js';
import { type Report, type ReportedScenario, type Result, resultOf } from './report.js';
import type { Summary } from './summary.js';
import { totalsOf } from './totals.js';

const HEADINGS = [
  'client',
  'answered',
  '429 user / global / unseen',
  'invalid',
  'out of order',
  'drain s',
  '÷ omniscient',
  '÷ reachable',
  'CPU ms',
  'peak MB',
];

/** The whole report as Markdown. */
export function toMarkdown(report: Report): string {
  const scenarios = report.scenarios.map((scenario) => scenarioSection(report, scenario));
  return [`${heading(report)}\n`, totalsSection(report), summarySection(report), ...scenarios].join('\n');
}

function heading({ machine, date, seed, repeat, clients }: Report): string {
  const versions = Object.entries(clients).map(([client, version]) => `${client} ${version}`);
  return [
    `${describeMachine(machine)}; ${date.slice(0, 10)}. `,
    `Seed ${seed}; ${repeat === 1 ? 'one run' : `${repeat} runs`} each: medians of times and memory, `,
    `the worst of everything else.\n\n${versions.join(' · ')}`,
  ].join('');
}

/** One scenario: its description, a line for each client, and the failures. */
export function scenarioSection(report: Report, scenario: ReportedScenario): string {
  const results = report.results.filter((result) => result.scenario === scenario.name);
  const rows = results.map((result) => row(scenario, result));
  const notes = results.flatMap(notesOf);
  return [
    `### ${scenario.title}\n\n${scenario.about}\n`,
    `${facts(scenario)}\n`,
    tableOf(HEADINGS, rows),
    ...(notes.length === 0 ? [] : [`${notes.join('\n')}\n`]),
  ].join('\n');
}

function facts({ requests, omniscientMs, reachableMs, unavoidable }: ReportedScenario): string {
  const least = `${requests} requests; at best ${seconds(omniscientMs)} s (omniscient), ${seconds(reachableMs)} s (reachable)`;
  return `${least}; ${unavoidable === 0 ? 'no 429 is' : `${unavoidable} × 429 are`} unavoidable.`;
}

function row(scenario: ReportedScenario, result: Result): string[] {
  const { user, global, unseen, banned } = result.refusals;
  return [
    result.client,
    answeredOf(scenario, result),
    `${user} / ${global} / ${unseen}${banned > 0 ? ` + ${banned} banned` : ''}`,
    String(result.invalid),
    String(result.reordered),
    result.drainMs === null ? '–' : seconds(result.drainMs),
    ratio(result.drainMs, scenario.omniscientMs),
    ratio(result.drainMs, scenario.reachableMs),
    result.outcome === 'crashed' ? '–' : String(Math.round(result.cpuMs)),
    result.outcome === 'crashed' ? '–' : megabytes(result.peakBytes),
  ];
}

/** The number of answered requests, and the end of the run if not all were answered. */
export function answeredOf({ requests }: ReportedScenario, result: Summary): string {
  if (result.outcome === 'complete') return String(requests);
  const count = `${result.answered} of ${requests}`;
  return result.outcome === 'incomplete' ? count : `${count}, **${result.outcome}**`;
}

/** The failures. */
export function notesOf({ client, failures, crash }: Pick<Result, 'client' | 'failures' | 'crash'>): string[] {
  const lines = failures.map(({ kind, count, sample }) => `- ${client}: ${count} × ${kind}: “${sample}”`);
  return crash === undefined ? lines : [...lines, `- ${client} crashed: “${crash}”`];
}

/** Clients, each with its totals over all scenarios. */
function totalsSection(report: Report): string {
  const rows = Object.keys(report.clients).map((client) => {
    const { answered, requests, unfinished, avoidable, reordered, medianRatio, worstRatio } = totalsOf(report, client);
    const finished = unfinished === 0 ? '' : `; unfinished scenarios: ${unfinished}`;
    return [
      client,
      `${answered} of ${requests}${finished}`,
      String(avoidable),
      String(reordered),
      medianRatio?.toFixed(2) ?? '–',
      worstRatio?.toFixed(2) ?? '–',
    ];
  });
  const headings = ['client', 'answered', 'avoidable 429s', 'out of order', '÷ reachable, median', 'worst'];
  return `### In all\n\n${tableOf(headings, rows)}`;
}

/** Scenarios against clients: the ratio to the reachable optimum, with the 429s in brackets. */
function summarySection(report: Report): string {
  const clients = Object.keys(report.clients);
  const rows = report.scenarios.map((scenario) => [
    scenario.title,
    ...clients.map((client) => cell(scenario, resultOf(report, scenario.name, client))),
  ]);
  const totals = clients.map((client) => String(totalRefusals(report, client)));
  return [
    '### Summary\n',
    'Drain time ÷ the reachable optimum; in brackets the 429s, if any.\n',
    tableOf(['scenario', ...clients], [...rows, ['**429s in all**', ...totals]]),
  ].join('\n');
}

function cell(scenario: ReportedScenario, result: Result | undefined): string {
  if (result === undefined) return '–';
  const refusals = totalOf(result.refusals);
  const brackets = refusals === 0 ? '' : ` (${refusals})`;
  if (result.drainMs === null) return `**${result.outcome}**${brackets}`;
  const unfinished = result.outcome === 'complete' ? '' : `, ${scenario.requests - result.answered} failed`;
  return `${ratio(result.drainMs, scenario.reachableMs)}${unfinished}${brackets}`;
}

/** All 429s of a client, over all scenarios. */
export function totalRefusals(report: Report, client: string): number {
  const results = report.results.filter((result) => result.client === client);
  return results.reduce((sum, { refusals }) => sum + totalOf(refusals), 0);
}

/** The first column is text, the others are numbers. */
export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = headings.map((_, column) => (column === 0 ? '---' : '---:'));
  return [headings, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

export function seconds(duration: number): string {
  return (duration / 1_000).toFixed(2);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}

export function ratio(duration: number | null, optimum: number): string {
  return duration === null ? '–' : (duration / optimum).toFixed(2);
}
