import { describeMachine } from '../../machine.js';
import { answeredOf, notesOf, ratio, seconds, tableOf } from '../table.js';
import type { FleetReport, FleetResult, ReportedFleetScenario } from './fleet-report.js';

const HEADINGS = [
  'client',
  'answered',
  'avoidable 429s',
  '429 user / global / unseen',
  'out of order',
  'drain s',
  '÷ reachable',
  'global limit used',
  'of reachable',
  'first ÷ last',
  'calls / request',
  'CPU ms',
];

const LEGEND = [
  'Avoidable 429s are those beyond the first meetings with limits that no header shows. Writes are out of order if they ',
  'reached their counter before an earlier write of the same process. The drain time is that of the last process. The use ',
  'of the global limit runs from the first to the last request that it counted, including those that a bucket refused. ',
  'First ÷ last is the drain time of the first finished process over that of the last: 1 is fair. Calls are those of ',
  'scripts in Redis, set-up included. CPU is that of all processes of the client.',
].join('');

/** The whole report as Markdown. */
export function fleetMarkdown(report: FleetReport): string {
  const sections = report.scenarios.map((scenario) => section(report, scenario));
  return [`${heading(report)}\n`, `${LEGEND}\n`, ...sections].join('\n');
}

function heading({ machine, redis, date, seed, repeat, clients }: FleetReport): string {
  const versions = Object.entries(clients).map(([client, version]) => `${client} ${version}`);
  return [
    `${describeMachine(machine)}, ${redis}; ${date.slice(0, 10)}. `,
    `Seed ${seed}; ${repeat === 1 ? 'one run' : `${repeat} runs`} each: medians of times and shares, `,
    `the worst of everything else.\n\n${versions.join(' · ')}`,
  ].join('');
}

function section({ results }: FleetReport, scenario: ReportedFleetScenario): string {
  const own = results.filter((result) => result.scenario === scenario.name);
  const notes = own.flatMap(notesOf);
  return [
    `### ${scenario.title}, ${scenario.processes} processes, one token\n\n${scenario.about}\n`,
    `${facts(scenario)}\n`,
    tableOf(
      HEADINGS,
      own.map((result) => row(scenario, result)),
    ),
    ...(notes.length === 0 ? [] : [`${notes.join('\n')}\n`]),
  ].join('\n');
}

function facts({ requests, omniscientMs, reachableMs, reachableUse }: ReportedFleetScenario): string {
  const best = `at best ${seconds(omniscientMs)} s (omniscient), ${seconds(reachableMs)} s (reachable)`;
  return `${requests} requests in all; ${best}, which uses ${percent(reachableUse)} of the global limit.`;
}

function row(scenario: ReportedFleetScenario, result: FleetResult): string[] {
  const { user, global, unseen, banned } = result.refusals;
  return [
    result.client,
    answeredOf(scenario, result),
    String(result.avoidable),
    `${user} / ${global} / ${unseen}${banned > 0 ? ` + ${banned} banned` : ''}`,
    String(result.reordered),
    result.drainMs === null ? '–' : seconds(result.drainMs),
    ratio(result.drainMs, scenario.reachableMs),
    percent(result.globalUse),
    percent(result.globalUse / scenario.reachableUse),
    result.fairness.toFixed(2),
    result.callsPerRequest.toFixed(2),
    String(Math.round(result.cpuMs)),
  ];
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
