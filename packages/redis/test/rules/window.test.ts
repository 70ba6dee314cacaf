import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BucketState } from '../../../sluice/src/rules/bucket-state.js';
import { luaPlayer, RUNS } from './lua-player.js';

/** One event of a bucket; both clocks show the same time. */
type Step =
  | {
      type: 'answer';
      at: number;
      sent: number;
      limit: number;
      remaining: number;
      resetAfter: number;
      reset?: number;
      refused: boolean;
      inFlight: number;
    }
  | { type: 'loss' | 'hold'; at: number };

/** The question after each step: how long must a request wait, with `inFlight` others, `later` ms after the step? */
interface Question {
  readonly inFlight: number;
  readonly later: number;
}

type History = readonly (readonly [Step, Question])[];

const HOLD = 100;

/** The values that both know. */
const KNOWN = [
  'kind',
  'limit',
  'left',
  'latest',
  'drain',
  'longest',
  'lost',
  'cautious',
  'wait',
  'idle',
  'room',
] as const;
type Known = Record<(typeof KNOWN)[number], string | number>;

/** Plays the same steps with bucket.lua and window.lua. */
const playInLua = luaPlayer<History, Known[]>(
  'window.lua',
  `
    local b, states = new_bucket(), {}
    local kinds = { u = 'unknown', f = 'fixed', s = 'sliding' }
    for index, pair in ipairs(given) do
      local step, question = pair[1], pair[2]
      if step.type == 'answer' then
        step.received, step.route = step.at, 'route'
        learn(b, step, step.inFlight)
      elseif step.type == 'loss' then lose(b, 1, step.at)
      else hold(b, step.at + ${HOLD}) end
      local wait = wait_for(b, question.inFlight, step.at + question.later)
      states[index] = {
        kind = kinds[b.kind], limit = b.limit, left = b.left, latest = b.latest, drain = b.drain, longest = b.longest,
        lost = b.lost, cautious = b.cautious, wait = wait < NEVER and wait or -1,
        idle = math.max(idle_at(b), b.held), room = math.max(0, math.min(available(b, question.inFlight, step.at + question.later), 1e6)),
      }
    end
    return states`,
);

function playHere(history: History): Known[] {
  const state = new BucketState();
  return history.map(([step, { inFlight, later }], index) => {
    if (step.type === 'answer') learn(state, step, index);
    else if (step.type === 'loss') state.lose(step.at);
    else state.hold(step.at + HOLD);
    const { kind, limit, left, reset, unit, longestReset: longest, lost } = state.knowledge;
    const wait = state.waitFor(inFlight, step.at + later);
    const cautious = Math.max(0, state.bucketKnowledge(0, step.at, step.at).cautiousUntil);
    const drain = state.isKnown ? Math.round(unit * limit) : 1;
    return {
      kind,
      limit,
      left,
      latest: reset.latest,
      drain,
      longest,
      lost,
      cautious,
      wait: Number.isFinite(wait) ? wait : -1,
      idle: Math.max(0, state.idleAt),
      room: Math.max(0, roomIn(state, inFlight, step.at + later)),
    };
  });
}

/** A cautious bucket has room for one request, and for none beside another. */
function roomIn(state: BucketState, inFlight: number, now: number): number {
  const room = state.available(inFlight, now);
  return state.isCautious(now) ? Math.min(room, inFlight === 0 ? 1 : 0) : room;
}

function learn(state: BucketState, step: Extract<Step, { type: 'answer' }>, departure: number): void {
  const { at, sent, inFlight, refused, limit, remaining, resetAfter, reset } = step;
  const headers = { bucket: 'hash', limit, remaining, resetAfter, ...(reset !== undefined && { reset }) };
  const told = { headers, sentAt: sent, receivedAt: at, departure, departures: departure + 1, route: 'route', refused };
  if (state.learn(told, inFlight) === 'contended') state.beCautious(at);
}

/** Answers as a server gives them, and answers that no server would give. */
const steps: fc.Arbitrary<History> = fc
  .record({
    limit: fc.integer({ min: 1, max: 10 }),
    period: fc.integer({ min: 2, max: 60 }).map((tenths) => tenths * 100),
    isSliding: fc.boolean(),
    tellsReset: fc.boolean(),
    steps: fc.array(
      fc.record({
        type: fc.constantFrom('answer', 'answer', 'answer', 'answer', 'loss', 'hold' as const),
        pause: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_000 })),
        delay: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 })),
        back: fc.integer({ min: 0, max: 80 }),
        refused: fc.integer({ min: 0, max: 9 }).map((tenth) => tenth === 0),
        inFlight: fc.integer({ min: 0, max: 2 }),
        jump: fc.integer({ min: 0, max: 19 }),
        heldBack: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 4_000 })),
        question: fc.record({
          inFlight: fc.integer({ min: 0, max: 3 }),
          later: fc.oneof(fc.constant(HOLD), fc.integer({ min: 0, max: 6_000 })),
        }),
      }),
      { minLength: 1, maxLength: 15 },
    ),
  })
  .map((plan) => historyOf(plan as unknown as Plan));

interface Plan {
  readonly limit: number;
  readonly period: number;
  readonly isSliding: boolean;
  readonly tellsReset: boolean;
  readonly steps: readonly {
    readonly type: Step['type'];
    readonly pause: number;
    readonly delay: number;
    readonly back: number;
    readonly refused: boolean;
    readonly inFlight: number;
    /** How much later than others the answer arrives, in ms: later answers may overtake it. */
    readonly heldBack: number;
    /** 0: the server's limit changes; 1: its answer makes no sense; 2: its window changes its kind. */
    readonly jump: number;
    readonly question: Question;
  }[];
}

const SERVER_EPOCH = 1_700_000_000_000;

/** A server with one counter, as seen in its headers. */
class PlannedServer {
  readonly #plan: Plan;
  #limit: number;
  #level = 0;
  #levelAt = 0;
  #end = 0;
  #used = 0;
  #isSliding: boolean;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#limit = plan.limit;
    this.#isSliding = plan.isSliding;
  }

  change(jump: number): void {
    if (jump === 0) this.#limit++;
    if (jump === 2) this.#isSliding = !this.#isSliding;
  }

  answer(at: number, refused: boolean, isAbsurd: boolean): Headers {
    if (this.#isSliding) this.#fill(at, refused);
    else this.#use(at, refused);
    const { period, tellsReset } = this.#plan;
    const limit = this.#limit;
    const isSliding = this.#isSliding;
    const left = Math.max(0, Math.floor(limit - (isSliding ? this.#level : this.#used)));
    const resetAfter = isSliding ? Math.ceil((this.#level * period) / limit) : this.#end - at;
    const reset = tellsReset ? { reset: SERVER_EPOCH + at + resetAfter } : {};
    return { limit, remaining: isAbsurd ? limit : left, resetAfter, ...reset };
  }

  #fill(at: number, refused: boolean): void {
    this.#level = Math.max(0, this.#level - ((at - this.#levelAt) * this.#limit) / this.#plan.period);
    this.#levelAt = at;
    if (!refused && this.#level + 1 <= this.#limit) this.#level++;
  }

  #use(at: number, refused: boolean): void {
    if (at >= this.#end) [this.#end, this.#used] = [at + this.#plan.period, 0];
    if (!refused && this.#used < this.#limit) this.#used++;
  }
}

type Headers = Pick<Extract<Step, { type: 'answer' }>, 'limit' | 'remaining' | 'resetAfter' | 'reset'>;

function historyOf(plan: Plan): History {
  const server = new PlannedServer(plan);
  let now = 1_000;
  const steps = plan.steps.map(({ type, pause, delay, back, refused, inFlight, jump, heldBack, question }) => {
    const sent = now + pause;
    const served = sent + delay;
    now = served + back;
    if (type !== 'answer') return [{ type, at: now }, question] as const;
    server.change(jump);
    const headers = server.answer(served, refused, jump === 1);
    return [{ type, at: now + heldBack, sent, refused, inFlight, ...headers }, question] as const;
  });
  return steps.sort(([one], [other]) => one.at - other.at);
}

/** Before the first answer, a window has no other values. JSON of Redis has 14 digits, so fractions are rounded. */
function comparable({ wait, idle, ...known }: Known): object {
  const rounded = { wait: rounded3(wait), idle: rounded3(idle) };
  return known.limit === 0 ? rounded : { ...known, ...rounded };
}

function rounded3(value: string | number): number {
  return Math.round(Number(value) * 1_000) / 1_000;
}

it('window.lua knows of every history exactly what window.ts knows', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const [here, there] = [playHere(history), await playInLua(history)];
      const known = (states: Known[]) => states.map(comparable);
      expect(known(there)).toEqual(known(here));
    }),
    RUNS,
  );
});
