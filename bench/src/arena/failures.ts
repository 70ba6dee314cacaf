import { TOKEN } from './clients/client.js';
import type { Failure } from './measurement.js';

const MAX_SAMPLE = 160;
/** Tokens of webhooks and interactions are longer than anything else in a path. */
const LONG_SEGMENT = /[\w-]{40,}/g;

/** Counts the errors of a client, by kind. */
export class FailureTally {
  readonly #byKind = new Map<string, { count: number; readonly sample: string }>();

  add(error: unknown): void {
    const kind = kindOf(error);
    const known = this.#byKind.get(kind);
    if (known) known.count++;
    else this.#byKind.set(kind, { count: 1, sample: withoutSecrets(messageOf(error)) });
  }

  list(): Failure[] {
    return [...this.#byKind].map(([kind, { count, sample }]) => ({ kind, count, sample }));
  }
}

/** A line to show: without tokens, and cut to a readable length. */
export function withoutSecrets(text: string): string {
  const line = text.replaceAll(TOKEN, '…').replace(LONG_SEGMENT, '…').replace(/\s+/g, ' ').trim();
  return line.length > MAX_SAMPLE ? `${line.slice(0, MAX_SAMPLE - 1)}…` : line;
}

/** The most telling line that a process wrote to standard error before its end, if it wrote any. */
export function lastErrorLine(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((candidate) => /^\S*Error\b/.test(candidate.trim())) ?? lines.at(-1);
  return line === undefined ? undefined : withoutSecrets(line);
}

function kindOf(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  const status = statusOf(error) ?? statusOf(error instanceof Error ? error.cause : undefined);
  return status === undefined ? name : `${name} ${status}`;
}

/** Libraries keep the status of a response in one of these places. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode, res } = error as { status?: unknown; statusCode?: unknown; res?: unknown };
  for (const candidate of [status, statusCode]) if (typeof candidate === 'number') return candidate;
  return res === undefined ? undefined : statusOf(res);
}

/** The message, with that of its cause, where some libraries keep the details. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return `${error.message}: ${cause.message}`;
  return cause === undefined ? error.message : `${error.message}: ${JSON.stringify(cause)}`;
}
