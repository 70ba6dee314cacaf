import { seededRandom } from '../random.js';
import { PathTemplate, pathSegments } from './path-template.js';

/**
 * The kinds of faults.
 *
 * - `drop`: the request is counted; then the connection ends without a response.
 * - `refuse`: the request never reaches the model; the connection ends.
 * - `reset`: the request is counted; the connection is reset in the middle of the response.
 * - `stall`: the request is counted and never answered; the connection stays open.
 * - `slow`: the request is counted; its response takes `delay` ms longer.
 * - `malformed`: the request is counted; the rate-limit headers are those of `fuzzHeaders`.
 * - `status`: the response has another status.
 * - `gateway`: the response is the HTML page of a gateway, without rate-limit headers.
 */
export type Fault =
  | { readonly kind: 'drop' | 'refuse' | 'reset' | 'stall' | 'malformed' }
  | {
      readonly kind: 'slow';
      /** Extra delay of the response, in ms. */
      readonly delay: number;
    }
  | {
      readonly kind: 'status';
      /** 400 to 599. */
      readonly status: number;
      /** Whether the limits count the request. Default true. */
      readonly counted?: boolean;
      /** `none` leaves out the rate-limit headers, which only counted requests have. Default `normal`. */
      readonly headers?: 'normal' | 'none';
    }
  | {
      readonly kind: 'gateway';
      /** 400 to 599. Default 502. */
      readonly status?: number;
      /** Whether the limits count the request. Default true. */
      readonly counted?: boolean;
    };

/** The kind of a fault. */
export type FaultKind = Fault['kind'];

/** Which matching requests a fault strikes. */
export type FaultOccasion =
  | {
      /** Each matching request with this probability, from 0 to 1, drawn from the model's seed. */
      readonly probability: number;
    }
  | {
      /** Every n-th matching request, first the n-th. */
      readonly every: number;
    }
  | {
      /** The matching requests at these places; the first is 1. */
      readonly at: readonly number[];
    };

/** A fault, and the requests that it strikes. */
export type FaultRule = Fault &
  FaultOccasion & {
    /** The methods of matching requests. Default: all. */
    readonly methods?: readonly string[];
    /** The path template of matching requests. Default: all. */
    readonly path?: string;
  };

/** The parts of a request that decide whether a fault matches it. */
interface Target {
  readonly method: string;
  readonly path: string;
}

const SELECTING_FIELDS: ReadonlySet<string> = new Set(['methods', 'path', 'probability', 'every', 'at']);
const DEFAULT_SEED = 1;
/** Spreads the seeds of the sequences, so that the sequences do not resemble each other. */
const SEED_STEP = 0x9e37_79b9;

/**
 * Decides for each request, in the order of arrival, whether a fault strikes it. The same seed gives the same faults.
 */
export class FaultPlan {
  /** The numbers that malformed headers are made from. */
  readonly random: () => number;
  readonly #sources: readonly FaultSource[];

  /** @param seed - a whole number, 0 to 4,294,967,295 */
  constructor(rules: readonly FaultRule[] = [], seed = DEFAULT_SEED) {
    const randomOf = (place: number) => seededRandom((seed + place * SEED_STEP) >>> 0);
    // The seed itself starts the delays of a server's network.
    this.random = randomOf(1);
    this.#sources = rules.map((rule, index) => new FaultSource(rule, randomOf(index + 2)));
  }

  /**
   * The first fault that strikes the next request. The other faults count the request, too, so that no fault changes
   * another's sequence.
   */
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

  /** Counts a matching request. */
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
