import { parseArgs } from 'node:util';

/** The command that a command line gives. */
export type Command =
  | { readonly kind: 'help' }
  | ({ readonly kind: 'render'; readonly files: readonly [string, ...string[]] } & Output)
  | ({ readonly kind: 'smoke'; readonly clients: readonly string[] | undefined; readonly seed: number } & Output)
  | ({
      readonly kind: 'run';
      readonly clients: readonly string[];
      readonly scenarios: readonly string[];
      readonly repeat: number;
      readonly seed: number;
    } & Output);

interface Output {
  /** One JSON document on standard output instead of tables. */
  readonly json: boolean;
  /** The file for the chart. */
  readonly svg: string | undefined;
}

/** The names that a command line may use. */
export interface Names {
  readonly clients: readonly string[];
  readonly scenarios: readonly string[];
}

/** An invalid command line; the message names the flag and the reason. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  clients: { type: 'string' },
  scenarios: { type: 'string' },
  repeat: { type: 'string' },
  seed: { type: 'string' },
  from: { type: 'string' },
  svg: { type: 'string' },
  json: { type: 'boolean', default: false },
  smoke: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const DEFAULT_REPEAT = 3;
const MAX_REPEAT = 100;
const DEFAULT_SEED = 1;

export function help({ clients, scenarios }: Names): string {
  return `npm run arena -- [flags]

Sends the same requests through each client, one client after another, to a simulated Discord, and compares them.

  --clients a,b      only these clients
  --scenarios a,b    only these scenarios
  --repeat N         runs of each, 1 to ${MAX_REPEAT}; default ${DEFAULT_REPEAT}
  --seed N           the simulator's seed; default ${DEFAULT_SEED}
  --json             prints one JSON document instead of tables
  --svg FILE         also writes the chart
  --from FILE,FILE   runs nothing: makes tables and chart from documents of --json, with all their runs
  --smoke            a few seconds, to check that the arena works; exit code 1 if it does not
  --help             prints this text

npm run arena -- fleet does the same with eight processes of each client on one token (-- fleet --help).

Clients: ${clients.join(', ')}
Scenarios: ${scenarios.join(', ')}
`;
}

/** @throws UsageError */
export function parseCommandLine(args: readonly string[], known: Names): Command {
  const values = read(args);
  if (values.help) return { kind: 'help' };
  const output: Output = { json: values.json, svg: values.svg };
  if (values.from !== undefined) {
    exclude(values, 'from', ['clients', 'scenarios', 'repeat', 'seed', 'smoke']);
    const [first = '', ...others] = values.from.split(',');
    return { kind: 'render', files: [first, ...others], ...output };
  }
  const seed = readNumber('seed', values.seed, { fallback: DEFAULT_SEED, min: 0, max: 2 ** 32 - 1 });
  const clients = values.clients === undefined ? undefined : readNames('clients', values.clients, known.clients);
  if (values.smoke) {
    exclude(values, 'smoke', ['scenarios', 'repeat']);
    return { kind: 'smoke', clients, seed, ...output };
  }
  return {
    kind: 'run',
    clients: clients ?? known.clients,
    scenarios: readNames('scenarios', values.scenarios ?? known.scenarios.join(','), known.scenarios),
    repeat: readNumber('repeat', values.repeat, { fallback: DEFAULT_REPEAT, min: 1, max: MAX_REPEAT }),
    seed,
    ...output,
  };
}

type Values = ReturnType<typeof read>;

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function exclude(values: Values, flag: keyof Values, others: readonly (keyof Values)[]): void {
  const surplus = others.find((other) => values[other] !== undefined && values[other] !== false);
  if (surplus !== undefined) throw new UsageError(`--${surplus} has no meaning beside --${flag}`);
}

/** The names in the order of the list, each once. */
function readNames(flag: string, text: string, known: readonly string[]): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return known.filter((name) => names.includes(name));
  throw new UsageError(`--${flag}: there is no “${stranger}”; there are ${known.join(', ')}`);
}

function readNumber(
  flag: string,
  text: string | undefined,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`--${flag} takes a whole number from ${min} to ${max}, not “${text}”`);
}
