import { type CustomSeriesOption, type EChartsOption, init } from 'echarts';
import { totalOf } from './measurement.js';
import { type Report, type ReportedScenario, type Result, resultOf } from './report.js';
import { totalRefusals } from './table.js';

/** Widths and heights in pixels. */
const MARGIN = { left: 250, top: 150, right: 24, bottom: 78 };
const COLUMN = 128;
const ROW = 50;
const GAP = 2;
/** The number of letters from which a cell's text is small. */
const MANY_LETTERS = 10;
const LEGEND_WIDTH = 142;
/** The height of title and legend, which does not depend on the number of clients. */
const MIN_WIDTH = 880;

const TITLE = 'How long until all requests are answered';
const FONT = 'Helvetica, Arial, sans-serif';
const DARK = '#20242b';
const SOFT = '#5c6470';
const WHITE = '#ffffff';
const GREEN = '#12704f';
const RED = '#bf3b2b';
const CENTERED = { align: 'center', verticalAlign: 'middle' } as const;

/**
 * The look of a cell, by its ratio to the reachable optimum. Cells also differ in lightness, for readers who do not see
 * hue.
 */
const SHADES = [
  { upTo: 1.05, label: 'up to 1.05×', fill: GREEN, text: WHITE },
  { upTo: 1.25, label: 'up to 1.25×', fill: '#8fd0ae', text: DARK },
  { upTo: 2, label: 'up to 2×', fill: '#f9e7ab', text: DARK },
  { upTo: 5, label: 'up to 5×', fill: '#f2a65f', text: DARK },
  { upTo: Number.POSITIVE_INFINITY, label: 'over 5×', fill: RED, text: WHITE },
] as const;
const UNFINISHED = { label: 'not all answered', fill: '#6d7480', text: WHITE } as const;

interface Cell {
  readonly fill: string;
  readonly color: string;
  readonly text: string;
  readonly refusals: number;
  /** Whether more requests were refused than unavoidable. */
  readonly isToBlame: boolean;
}

/** Scenarios against clients, each cell a ratio to the reachable optimum: readable on light and dark pages. */
export function toSVG(report: Report): string {
  const clients = Object.keys(report.clients);
  const width = Math.max(MIN_WIDTH, MARGIN.left + clients.length * COLUMN + MARGIN.right);
  const height = MARGIN.top + report.scenarios.length * ROW + MARGIN.bottom;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(optionOf(report, clients, width, height));
    // Not every SVG renderer can centre text on a line, but every one can move it down.
    const svg = chart.renderToSVGString().replaceAll('dominant-baseline="central"', 'dy="0.35em"');
    return svg.replace('>', ` role="img"><title>${TITLE}</title>`);
  } finally {
    chart.dispose();
  }
}

function optionOf(report: Report, clients: readonly string[], width: number, height: number): EChartsOption {
  return {
    animation: false,
    backgroundColor: WHITE,
    textStyle: { fontFamily: FONT },
    title: {
      text: TITLE,
      subtext:
        'As a multiple of the least time that is possible without knowing the network’s delays: 1.00× is perfect.\n' +
        'On the badges: requests refused with 429. Grey: some requests were never answered.',
      left: 14,
      top: 16,
      itemGap: 8,
      textStyle: { fontSize: 20, color: DARK },
      subtextStyle: { fontSize: 13, lineHeight: 18, color: SOFT },
    },
    grid: { left: MARGIN.left, top: MARGIN.top, right: MARGIN.right, bottom: MARGIN.bottom, outerBoundsMode: 'none' },
    xAxis: {
      type: 'category',
      position: 'top',
      data: clients.map((client) => heading(report, client)),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        interval: 0,
        margin: 10,
        rich: {
          name: { fontSize: 13, fontWeight: 'bold', color: DARK, lineHeight: 18 },
          none: { fontSize: 11, color: GREEN, lineHeight: 15 },
          some: { fontSize: 11, color: RED, lineHeight: 15 },
        },
      },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: report.scenarios.map(rowHeading),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        interval: 0,
        margin: 14,
        rich: {
          title: { fontSize: 13, color: DARK, lineHeight: 18, align: 'right' },
          small: { fontSize: 11, color: SOFT, lineHeight: 15, align: 'right' },
        },
      },
    },
    series: [cellSeries(report, clients, (width - MARGIN.left - MARGIN.right) / clients.length)],
    graphic: [...legend(height), caption(report, width, height)],
  };
}

/** A client's name, and below it all its 429s: in red when some were avoidable. */
function heading(report: Report, client: string): string {
  const refusals = totalRefusals(report, client);
  const unavoidable = report.scenarios.reduce((sum, scenario) => sum + scenario.unavoidable, 0);
  return `{name|${client}}\n{${refusals <= unavoidable ? 'none' : 'some'}|${refusals} × 429 in all}`;
}

function rowHeading({ title, unavoidable }: ReportedScenario): string {
  return unavoidable === 0 ? `{title|${title}}` : `{title|${title}}\n{small|${unavoidable} × 429 unavoidable}`;
}

function cellSeries(report: Report, clients: readonly string[], columnWidth: number): CustomSeriesOption {
  const cells = report.scenarios.map((scenario) =>
    clients.map((client) => cellOf(scenario, resultOf(report, scenario.name, client))),
  );
  return {
    type: 'custom',
    // Otherwise the image would react to the mouse.
    silent: true,
    data: cells.flatMap((row, y) => row.map((_, x) => [x, y])),
    renderItem: (_, api) => {
      const x = Number(api.value(0));
      const y = Number(api.value(1));
      const cell = cells[y]?.[x];
      const [centerX = 0, centerY = 0] = api.coord([x, y]);
      return cell === undefined ? null : drawCell(cell, centerX, centerY, columnWidth);
    },
  };
}

type Drawing = ReturnType<NonNullable<CustomSeriesOption['renderItem']>>;

function drawCell(
  { fill, color, text, refusals, isToBlame }: Cell,
  x: number,
  y: number,
  columnWidth: number,
): Drawing {
  const width = columnWidth - 2 * GAP;
  const height = ROW - 2 * GAP;
  const font = `bold ${text.length < MANY_LETTERS ? 15 : 12}px ${FONT}`;
  const style = { x, y: refusals === 0 ? y : y - 9, text, fill: color, font, ...CENTERED };
  return {
    type: 'group',
    children: [
      { type: 'rect', shape: { x: x - width / 2, y: y - height / 2, width, height, r: 4 }, style: { fill } },
      { type: 'text', style },
      ...(refusals === 0 ? [] : drawRefusals(`${refusals} × 429`, x, y + 11, isToBlame ? undefined : color)),
    ],
  };
}

/** Plain letters in the given colour, or a badge without one: a fast client that is refused is no good choice. */
function drawRefusals(text: string, x: number, y: number, color: string | undefined) {
  const width = text.length * 6 + 14;
  const shape = { x: x - width / 2, y: y - 8, width, height: 16, r: 8 };
  const font = `${color === undefined ? 'bold ' : ''}11px ${FONT}`;
  const letters = { type: 'text', style: { x, y, text, fill: color ?? RED, font, ...CENTERED } } as const;
  return color === undefined ? [{ type: 'rect', shape, style: { fill: WHITE } } as const, letters] : [letters];
}

function cellOf(scenario: ReportedScenario, result: Result | undefined): Cell {
  if (result === undefined) return { fill: '#eef0f3', color: SOFT, text: '–', refusals: 0, isToBlame: false };
  const refusals = totalOf(result.refusals);
  const isToBlame = refusals > scenario.unavoidable;
  if (result.outcome === 'complete' && result.drainMs !== null) {
    const ratio = result.drainMs / scenario.reachableMs;
    const { fill, text: color } = shadeOf(ratio);
    return { fill, color, text: times(ratio), refusals, isToBlame };
  }
  const text = `${result.outcome === 'incomplete' ? '' : `${result.outcome}, `}${scenario.requests - result.answered} left`;
  return { fill: UNFINISHED.fill, color: UNFINISHED.text, text, refusals, isToBlame };
}

function shadeOf(ratio: number): (typeof SHADES)[number] {
  // The chart rounds as the tables do: 1.05 in both.
  const shown = Number(ratio.toFixed(2));
  return SHADES.find(({ upTo }) => shown <= upTo) ?? SHADES[SHADES.length - 1] ?? SHADES[0];
}

function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 9.995 ? 2 : 1)}×`;
}

type Graphic = Extract<NonNullable<EChartsOption['graphic']>, readonly unknown[]>[number];

function legend(height: number): Graphic[] {
  const y = height - MARGIN.bottom + 20;
  return [...SHADES, UNFINISHED].flatMap(({ fill, label }, index): Graphic[] => {
    const x = 20 + index * LEGEND_WIDTH;
    return [
      { type: 'rect', silent: true, shape: { x, y, width: 16, height: 16, r: 3 }, style: { fill } },
      { type: 'text', silent: true, x: x + 23, y: y + 3, style: { text: label, fill: DARK, font: `12px ${FONT}` } },
    ];
  });
}

function caption({ machine, date, repeat, seed }: Report, width: number, height: number): Graphic {
  const runs = repeat === 1 ? 'one run' : `median of ${repeat} runs`;
  const text = `${runs}, seed ${seed} · ${machine.cpu}, ${machine.cores} cores · Node ${machine.node} · ${date.slice(0, 10)}`;
  const style = { text, fill: SOFT, font: `11px ${FONT}`, width: width - 40, overflow: 'truncate' } as const;
  return { type: 'text', silent: true, x: 20, y: height - 26, style };
}
