import { PROCESSES } from './load.js';
import type { BotState } from './messages.js';
import { NETWORK } from './network.js';
import type { Outcome } from './outcome.js';

const BAR_WIDTH = 30;

/** Time between two lines of progress where there is no terminal to redraw, in ms. */
const TELL_EVERY = 1_000;

/** The output of the example. Progress goes to standard error, results to standard output. */
export class Display {
  readonly #isJSON: boolean;
  #toldAt = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  constructor(isJSON: boolean) {
    this.#isJSON = isJSON;
  }

  start(isShared: boolean, requests: number): void {
    this.#isDrawn = false;
    this.#write(
      `\n${PROCESSES} processes with one token send ${requests} messages to a simulated Discord (round trip ${NETWORK.rtt} ms ± ${NETWORK.jitter}), ` +
        `${isShared ? 'and share their limits through Redis' : 'and know nothing of each other'}.\n`,
    );
  }

  progress(states: readonly BotState[]): void {
    if (process.stderr.isTTY) {
      this.#write(`${this.#isDrawn ? `\x1b[${states.length}A` : ''}${states.map(progressLine).join('')}`);
      this.#isDrawn = true;
      return;
    }
    const now = performance.now();
    if (now < this.#toldAt + TELL_EVERY) return;
    this.#toldAt = now;
    const answered = states.map((state) => String(state.answered).padStart(4)).join('');
    this.#write(`  ${seconds(Math.max(...states.map(({ time }) => time)))}  answered${answered}\n`);
  }

  note(place: number, text: string): void {
    this.#isDrawn = false;
    process.stderr.write(`process ${place + 1}: ${text}\n`);
  }

  /** The result of one run. */
  outcome(isShared: boolean, outcome: Outcome): void {
    if (!this.#isJSON) process.stdout.write(table(isShared, outcome));
  }

  /** The results for programs. */
  end(outcomes: { readonly shared?: Outcome; readonly alone?: Outcome }): void {
    if (this.#isJSON) process.stdout.write(`${JSON.stringify(outcomes)}\n`);
  }

  #write(text: string): void {
    if (!this.#isJSON) process.stderr.write(text);
  }
}

function progressLine({ requests, answered }: BotState, place: number): string {
  const filled = Math.round((answered / requests) * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  return `  process ${place + 1}  ${bar} ${String(answered).padStart(4)} of ${requests} answered\n`;
}

/** One run for people. */
export function table(isShared: boolean, outcome: Outcome): string {
  const rows = outcome.processes.map((bot, place) => [
    `process ${place + 1}`,
    `${bot.ok} of ${bot.requests}`,
    percent(bot.globalUse),
    seconds(bot.longestWaitMs),
    seconds(bot.drainMs),
  ]);
  const all = ['all', `${outcome.ok} of ${outcome.requests}`, percent(outcome.globalUse)];
  const waits = [seconds(Math.max(...outcome.processes.map((bot) => bot.longestWaitMs))), seconds(outcome.drainMs)];
  const head = [isShared ? 'shared' : 'alone', 'answered', 'of global limit', 'longest wait', 'time'];
  return `\n${[head, ...rows, [...all, ...waits]].map(line).join('')}\n${totals(isShared, outcome)}\n`;
}

function totals(isShared: boolean, outcome: Outcome): string {
  const rows: [label: string, value: string][] = [
    ['429s', String(outcome.status429)],
    ['least time possible', seconds(outcome.optimumMs)],
  ];
  if (isShared) rows.push(['script calls per request', outcome.scriptCallsPerRequest.toFixed(2)]);
  return rows.map(([label, value]) => `  ${label.padEnd(26)}${value.padStart(8)}\n`).join('');
}

function line([first = '', ...cells]: readonly string[]): string {
  return `  ${first.padEnd(10)}${cells.map((cell) => cell.padStart(17)).join('')}\n`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

function seconds(duration: number): string {
  return `${(duration / 1_000).toFixed(2)} s`;
}
