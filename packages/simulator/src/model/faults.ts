import { seededRandom } from '../random.js';
import { PathTemplate, pathSegments } from './path-template.js';

/**
 * What goes wrong with a request.
 *
 * - `drop`: it is counted; then the connection ends without an answer.
 * - `refuse`: it never reaches the model; the connection ends.
 * - `reset`: it is counted; the connection is reset in the middle of the answer.
 * - `stall`: it is counted and never answered; the connection stays open.
 * - `slow`: it is counted; its answer takes `delay` ms longer.
 * - `malformed`: it is counted; the headers about limits are those of `fuzzHeaders`.
 * - `status`: it is answered with another status.
 * - `gateway`: it is answered with the HTML page of a gateway, without headers about limits.
 */
export type Fault =
  | { readonly kind: 'drop' | 'refuse' | 'reset' | 'stall' | 'malformed' }
  | {
      readonly kind: 'slow';
      /** Milliseconds by which the answer leaves later. */
      readonly delay: number;
    }
  | {
      readonly kind: 'status';
      /** 400 to 599. */
      readonly status: number;
      /** Whether the limits count the request. Default true. */
      readonly counted?: boolean;
      /** `none` leaves out the headers about limits, which only counted requests have. Default `normal`. */
      readonly headers?: 'normal' | 'none';
    }
  | {
      readonly kind: 'gateway';
      /** 400 to 599. Default 502. */
      readonly status?: number;
      /** Whether the limits count the request. Default true. */
      readonly counted?: boolean;
    };

/** The name of what goes wrong. */
export type FaultKind = Fault['kind'];

/** Which of the requests that a fault fits it strikes. */
export type FaultOccasion =
  | {
      /** Each with this probability, from 0 to 1, drawn from the model's seed. */
      readonly probability: number;
    }
  | {
      /** Every n-th, beginning with the n-th. */
      readonly every: number;
    }
  | {
      /** Those at these places; the first is 1. */
      readonly at: readonly number[];
    };

/** A fault, and the requests that it strikes. */
export type FaultRule = Fault &
  FaultOccasion & {
    /** The methods of requests that it fits. Default: all. */
    readonly methods?: readonly string[];
    /** The path template of requests that it fits. Default: all. */
    readonly path?: string;
  };

/** What a fault looks at. */
interface Target {
  readonly method: string;
  readonly path: string;
}

const SELECTING_FIELDS: ReadonlySet<string> = new Set(['methods', 'path', 'probability', 'every', 'at']);
const DEFAULT_SEED = 1;
/** Spreads the seeds of the sequences, which must not resemble each other. */
const SEED_STEP = 0x9e37_79b9;

/** Decides for each request, in the order of arrival, whether a fault strikes it. One seed gives the same faults. */
export class FaultPlan {
  /** The numbers from which malformed headers are made. */
  readonly random: () => number;
  readonly #sources: readonly FaultSource[];

  /** @param seed - a whole number, 0 to 4,294,967,295 */
  constructor(rules: readonly FaultRule[] = [], seed = DEFAULT_SEED) {
    const randomOf = (place: number) => seededRandom((seed + place * SEED_STEP) >>> 0);
    // The seed itself starts the delays of a server's network.
    this.random = randomOf(1);
    this.#sources = rules.map((rule, index) => new FaultSource(rule, randomOf(index + 2)));
  }

  /** The first fault that strikes the next request. The others count it too, so that none changes another's course. */
  next(target: Target): Fault | undefined {
    const struck = this.#sources.filter((source) => source.strikes(target));
    return struck[0]?.fault;
  }
}

/** Whether the limits count a request in spite of its fault. */
export function isCounted(fault: Fault | undefined): boolean {
  const mayGoUncounted = fault?.kind === 'status' || fault?.kind === 'gateway';
  return !mayGoUncounted || fault.counted !== false;
}

class FaultSource {
  readonly fault: Fault;
  readonly #occasion: (place: number) => boolean;
  readonly #methods: readonly string[] | undefined;
  readonly #template: PathTemplate | undefined;
  #fitting = 0;

  constructor(rule: FaultRule, random: () => number) {
    this.fault = faultOf(rule);
    this.#occasion = occasionOf(rule, random);
    this.#methods = rule.methods;
    this.#template = rule.path === undefined ? undefined : new PathTemplate(rule.path);
  }

  /** Counts a request that it fits. */
  strikes({ method, path }: Target): boolean {
    if (this.#methods?.includes(method) === false) return false;
    if (this.#template !== undefined && this.#template.match(pathSegments(path)) === undefined) return false;
    this.#fitting += 1;
    return this.#occasion(this.#fitting);
  }
}

/** A rule without the fields that say which requests it strikes. */
function faultOf(rule: FaultRule): Fault {
  const fields = Object.entries(rule).filter(([name]) => !SELECTING_FIELDS.has(name));
  return Object.fromEntries(fields) as unknown as Fault;
}

function occasionOf(rule: FaultOccasion, random: () => number): (place: number) => boolean {
  if ('probability' in rule) return () => random() < rule.probability;
  if ('every' in rule) return (place) => place % rule.every === 0;
  const places = new Set(rule.at);
  return (place) => places.has(place);
}
