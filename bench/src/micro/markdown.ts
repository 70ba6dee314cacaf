import type { Unit } from './group.js';
import type { Row } from './row.js';

/** The content of a cell without a value. */
const EMPTY = '—';

/** The heading of a table's numbers. */
const HEADINGS: Readonly<Record<Unit, string>> = { ns: 'ns per op', bytes: 'bytes', ms: 'ms' };

/** Rows of one table as Markdown. */
export function markdownTable(title: string, reference: string, rows: readonly Row[]): string {
  const heading = HEADINGS[rows[0]?.unit ?? 'ns'];
  const lines = [
    ['what', `${heading} (median)`, 'spread', `ratio to ${reference}`],
    ...rows.map((row) => [row.who, numeral(row.median), spread(row.samples), ratio(row.ratio)]),
  ];
  return `### ${title}\n\n${markdownColumns(lines)}\n`;
}

/** Rows of cells as a table, the headings first: the first column is text, the others are numbers. */
export function markdownColumns(lines: readonly (readonly string[])[]): string {
  const columns = lines[0] ?? [];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const [head, ...body] = lines.map(
    (line) => `| ${line.map((cell, at) => pad(cell, widths[at] ?? 0, at)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [head, rule, ...body].join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** Only three digits are significant. */
export function numeral(value: number | undefined): string {
  if (value === undefined) return EMPTY;
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}

/** The range of the processes' measurements. */
function spread(samples: readonly number[]): string {
  if (samples.length === 0) return EMPTY;
  return `${numeral(Math.min(...samples))} – ${numeral(Math.max(...samples))}`;
}

function ratio(value: number | undefined): string {
  return value === undefined ? EMPTY : `${value >= 100 ? Math.round(value) : value.toPrecision(2)} ×`;
}
