import type { Outcome } from './outcome.js';

const BAR_WIDTH = 40;

/** The output of the demo. Progress goes to standard error, the result to standard output. */
export class Display {
  readonly #isJSON: boolean;

  constructor(isJSON: boolean) {
    this.#isJSON = isJSON;
  }

  start(requests: number, rtt: number, jitter: number): void {
    this.#note(
      `A bot of 20 guilds starts: ${requests} requests at once, over a network of ${rtt} ms round trip ± ${jitter} ms,\n` +
        'under a global limit of 50 per second. Simulator and bot are two processes.\n\n',
    );
  }

  progress(answered: number, requests: number, elapsed: number): void {
    const filled = Math.round((answered / requests) * BAR_WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    const line = `${bar} ${String(answered).padStart(4)} of ${requests} answered, ${(elapsed / 1_000).toFixed(1)} s`;
    this.#note(process.stderr.isTTY ? `\r${line}` : `${line}\n`);
  }

  failure(request: string, error: string): void {
    process.stderr.write(`\n${request} failed: ${error}\n`);
  }

  end(outcome: Outcome): void {
    if (process.stderr.isTTY) this.#note('\n');
    process.stdout.write(this.#isJSON ? `${JSON.stringify(outcome)}\n` : table(outcome));
  }

  #note(text: string): void {
    if (!this.#isJSON) process.stderr.write(text);
  }
}

/** The outcome for people. */
export function table(outcome: Outcome): string {
  const rows: [label: string, value: string][] = [
    ['requests', String(outcome.requests)],
    ['answered', String(outcome.ok)],
    ['429s', String(outcome.status429)],
    ['out of order', String(outcome.reordered)],
    ['time taken', seconds(outcome.drainMs)],
    ['least time possible', seconds(outcome.optimumMs)],
    ['ratio', outcome.ratio.toFixed(3)],
  ];
  return `\n${rows.map(([label, value]) => `  ${label.padEnd(20)}${value.padStart(10)}\n`).join('')}\n`;
}

function seconds(duration: number): string {
  return `${(duration / 1_000).toFixed(2)} s`;
}
