import { markdownColumns, numeral } from '../markdown.js';
import type { SharedRow } from './results.js';
import { CEILING, SHARED_CONTENDERS } from './roster.js';

const ABOUT =
  'Decisions in limits that hold no request back, shared by processes through one Redis (started for this, on this machine, ' +
  'without persistence). Each caller asks for the next decision when the one before is done. A decision lasts until the ' +
  'request may leave; it is done when the limiter also knows of its end. Round trips are the script calls that Redis ' +
  'counted, per decision; commands are all that it ran, those within scripts included; Redis µs is the processor time of ' +
  'Redis. Medians.';

const HEADINGS = [
  'what',
  'decisions / s',
  'spread',
  'p50 ms',
  'p99 ms',
  'round trips',
  'commands',
  'Redis µs',
  `ratio to ${CEILING}`,
];

/** The group as Markdown. */
export function sharedMarkdown(rows: readonly SharedRow[]): string {
  const titles = [...new Set(rows.map(({ load }) => load.title))];
  const tables = titles.map((title) => table(title, rows));
  const does = SHARED_CONTENDERS.map((contender) => `- ${contender.who}: ${contender.does}\n`).join('');
  return [`## redis\n\n${ABOUT}\n\n${does}`, ...tables].join('\n');
}

function table(title: string, rows: readonly SharedRow[]): string {
  const cells = rows.filter(({ load }) => load.title === title).map(cellsOf);
  return `### ${title}\n\n${markdownColumns([HEADINGS, ...cells])}\n`;
}

function cellsOf({ who, samples, median, ratio }: SharedRow): string[] {
  const throughputs = samples.map(({ throughput }) => throughput);
  return [
    who,
    numeral(median.throughput),
    `${numeral(Math.min(...throughputs))} – ${numeral(Math.max(...throughputs))}`,
    numeral(median.p50),
    numeral(median.p99),
    median.scripts.toFixed(3),
    median.commands.toFixed(2),
    numeral(median.serverTime),
    ratio === null ? '—' : ratio.toFixed(2),
  ];
}
