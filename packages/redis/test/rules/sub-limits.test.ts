import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AdmittedRequest, type SubLimit, SubLimits } from '../../../sluice/src/rules/sub-limits.js';
import { luaPlayer, RUNS } from './lua-player.js';

/** One event of a bucket; both clocks show the same time. */
type Step = { readonly at: number } & (
  | { readonly type: 'refuse'; readonly fields: readonly string[] | undefined; readonly retryAfter: number }
  | { readonly type: 'leave'; readonly fields: readonly string[] }
  /** The request that left as the n-th of those in flight ends; `counted`: it may have been admitted. */
  | { readonly type: 'end'; readonly place: number; readonly counted: boolean }
);

/** The question after each step: how many requests with these fields may leave `later` ms after it, and when the next? */
interface Question {
  readonly fields: readonly string[];
  readonly later: number;
}

type History = readonly (readonly [Step, Question])[];

/** A limit as a process reports it to the store. */
interface ReportedLimit {
  readonly fields?: readonly string[] | undefined;
  readonly count: number;
  readonly period: number;
  readonly endsIn: number;
  readonly used: number;
}

/** A step in the words of the store; the request that leaves or ends is named. */
interface LuaStep {
  readonly type: Step['type'];
  readonly at: number;
  readonly told?: ReportedLimit;
  readonly fields?: readonly string[];
  readonly request?: string;
  readonly counted?: boolean;
  readonly question: Question;
}

/** The limits in an order of their own, as the two keep them in different orders, and the answers to a question. */
interface Known {
  readonly limits: readonly { fields: string; count: number; period: number; ends: number; used: number }[];
  readonly inFlight: number;
  readonly room: number;
  readonly wait: number;
}

/** The most room that is asked for. */
const MOST = 20;

const playInLua = luaPlayer<readonly LuaStep[], Known[]>(
  'sub-limits.lua',
  `
    local b, masks, states = new_bucket(), {}, {}
    local function mask_of(fields)
      local mask = 0
      for index, limit in ipairs(b.subs or {}) do
        local applies = not limit.fields
        for _, field in ipairs(limit.fields or {}) do
          for _, other in ipairs(fields) do applies = applies or field == other end
        end
        if applies then mask = bit.bor(mask, bit.lshift(1, index - 1)) end
      end
      return mask
    end
    local function restate()
      local held = 0
      for _, mask in pairs(masks) do held = with_held(held, mask, 1) end
      b.holders.me = held
    end
    for place, step in ipairs(given) do
      if step.type == 'refuse' then learn_sub_limit(b, step.told, step.at)
      elseif step.type == 'leave' then
        masks[step.request] = mask_of(step.fields)
        restate()
      elseif step.request then
        local mask = masks[step.request]
        masks[step.request] = nil
        restate()
        if step.counted then count_in_sub_limits(b, mask, step.at) end
      end
      local room, wait = sub_limits_admit(b, mask_of(step.question.fields), step.at + step.question.later)
      local limits = {}
      for index, told in ipairs(tell_sub_limits(b, step.at)) do
        table.sort(told.fields or {})
        limits[index] = {
          fields = told.fields and table.concat(told.fields, ' ') or '*', count = told.count, period = told.period,
          ends = told.endsIn + step.at, used = told.used,
        }
      end
      table.sort(limits, function(one, other) return one.fields < other.fields end)
      states[place] = {
        limits = limits, inFlight = count_held(b.holders.me or 0), room = math.min(room, ${MOST}),
        wait = wait < NEVER and wait or -1,
      }
    end
    return states`,
);

interface InFlight {
  readonly name: string;
  readonly fields: readonly string[];
  readonly sentAt: number;
  readonly limits: readonly SubLimit[];
}

/** Plays a history with sub-limits.ts, and writes it down in the words of the store. */
class LocalPlayer {
  readonly script: LuaStep[] = [];
  readonly states: Known[] = [];
  readonly #limits = new SubLimits();
  readonly #admitted: AdmittedRequest[] = [];
  readonly #inFlight: InFlight[] = [];
  #names = 0;

  play(step: Step, question: Question): void {
    const { at, type } = step;
    this.script.push({ type, at, question, ...this.#apply(step) });
    const limits = this.#limits.limits.map(({ fields, count, period, endsAt: ends, used }) => {
      return { fields: fields ? [...fields].sort().join(' ') : '*', count, period, ends, used };
    });
    limits.sort((one, other) => (one.fields < other.fields ? -1 : 1));
    this.states.push({ limits, inFlight: this.#inFlight.length, ...this.#answer(question, at + question.later) });
  }

  #apply(step: Step): Partial<LuaStep> {
    if (step.type === 'refuse') return { told: this.#refuse(step.fields, step.retryAfter, step.at) };
    if (step.type === 'leave') return { fields: step.fields, request: this.#leave(step.fields, step.at) };
    const { place, counted, at } = step;
    const [request] = this.#inFlight.splice(place % Math.max(1, this.#inFlight.length), 1);
    if (request === undefined) return {};
    for (const limit of request.limits) limit.end(counted, at);
    if (counted) this.#admitted.push({ fields: request.fields, sentAt: request.sentAt, receivedAt: at });
    return { request: request.name, counted };
  }

  #refuse(fields: readonly string[] | undefined, retryAfter: number, at: number): ReportedLimit {
    const refusal = { fields, retryAfter, receivedAt: at, admitted: this.#admitted };
    const { fields: suspects, count, period, endsAt, used } = this.#limits.refuse('PATCH /a', refusal);
    return { ...(suspects && { fields: suspects }), count, period, endsIn: endsAt - at, used };
  }

  #leave(fields: readonly string[], at: number): string {
    const limits = this.#limits.concerning(fields);
    for (const limit of limits) limit.leave();
    const name = `request ${this.#names++}`;
    this.#inFlight.push({ name, fields, sentAt: at, limits });
    return name;
  }

  /** Lets requests leave for as long as there is room, and takes them back. */
  #answer({ fields }: Question, now: number): Pick<Known, 'room' | 'wait'> {
    const limits = this.#limits.concerning(fields);
    const waitOf = () => limits.reduce((longest, limit) => Math.max(longest, limit.waitFor(now)), 0);
    const wait = waitOf();
    let room = 0;
    for (; room < MOST && waitOf() === 0; room++) for (const limit of limits) limit.leave();
    for (let left = room; left > 0; left--) for (const limit of limits) limit.end(false, now);
    return { room, wait: Number.isFinite(wait) ? wait : -1 };
  }
}

/** Limits whose fields overlap are found in another order by the two, so each refusal here names one of three limits. */
const refused = fc.constantFrom(undefined, ['name'], ['name', 'nsfw'], ['topic', 'position'], ['topic']);
const fields = fc.constantFrom<(readonly string[])[]>([], ['name'], ['topic'], ['name', 'topic'], ['nsfw'], ['other']);
const question = fc.record({ fields, later: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })) });
const event = fc.oneof(
  fc.record({ type: fc.constant('refuse' as const), fields: refused, retryAfter: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ type: fc.constant('leave' as const), fields }),
  fc.record({ type: fc.constant('leave' as const), fields }),
  fc.record({ type: fc.constant('end' as const), place: fc.nat(4), counted: fc.constantFrom(true, true, false) }),
  fc.record({ type: fc.constant('end' as const), place: fc.nat(4), counted: fc.constantFrom(true, true, false) }),
);
const pause = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 }));
const histories = fc
  .array(fc.tuple(pause, event, question), { minLength: 1, maxLength: 25 })
  .map((planned): History => {
    let at = 1_000;
    return planned.map(([tenths, step, asked]) => {
      at += tenths * 100;
      const timed = step.type === 'refuse' ? { ...step, retryAfter: step.retryAfter * 100 } : step;
      return [{ ...timed, at } as Step, asked] as const;
    });
  });

it('sub-limits.lua admits in every history exactly what sub-limits.ts admits', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const local = new LocalPlayer();
      for (const [step, asked] of history) local.play(step, asked);
      const known = (await playInLua(local.script)).map((state) => ({ ...state, limits: Object.values(state.limits) }));
      expect(known).toEqual(local.states);
    }),
    RUNS,
  );
});
