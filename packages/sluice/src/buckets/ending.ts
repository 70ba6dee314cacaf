import { LimiterClosedError } from '../errors.js';
import type { PassEnd } from '../gates/global-gate.js';
import { type LimitsSource, parseLimits } from '../rules/headers.js';
import { isInvalid } from '../rules/invalid-requests.js';
import { classifyRefusal, type Refusal } from '../rules/refusal.js';
import type { LocalInstant } from '../rules/units.js';
import { lose } from './answer.js';
import { type Bucket, PermitRequest } from './bucket.js';
import type { BucketContext } from './bucket-context.js';
import type { Dispatcher } from './dispatcher.js';
import { ABANDONED_GRACE, type CancelReason, type Permit, type RepeatOptions } from './rest-bucket.js';

/** A permit ends: it gives back all that it holds, its bucket learns, and the next requests leave. */
export class Ending {
  readonly #context: BucketContext;
  readonly #dispatcher: Dispatcher;

  constructor(context: BucketContext, dispatcher: Dispatcher) {
    this.#context = context;
    this.#dispatcher = dispatcher;
  }

  complete(permit: PermitRequest, source: LimitsSource): Refusal | undefined {
    const { clock, gate } = this.#context;
    const { bucket } = permit;
    const limits = parseLimits(source);
    const refusal = classifyRefusal(limits);
    const now = clock.now();
    this.#end(permit, isInvalid(limits) ? 'invalid' : 'other', refusal === undefined, now);
    if (!bucket.isClosed) {
      const counted = this.#context.learn(permit, limits, refusal, now);
      this.#dispatcher.dispatch(counted);
      if (counted !== bucket) this.#dispatcher.dispatch(bucket);
    }
    gate?.serve();
    return refusal;
  }

  cancel(permit: PermitRequest, reason: CancelReason): void {
    const { bucket } = permit;
    if (reason !== 'abandoned' || permit.isAnswered || bucket.isClosed) {
      this.#endUnanswered(permit, reason);
      return;
    }
    // The next write need not wait for a response that nobody expects; the request counts until it cannot arrive.
    bucket.permits?.end(permit);
    const { clock } = this.#context;
    const end = () => this.#endUnanswered(permit, 'lost');
    permit.extras.graceTimer = clock.setTimer(clock.now() + ABANDONED_GRACE, end, { keepsProcessAlive: false });
    this.#dispatcher.dispatch(bucket);
  }

  /** Sends a refused request again, after the wait that the server asked for. */
  retry(permit: PermitRequest, signal: AbortSignal | undefined): Promise<Permit> {
    const { route, fields, refusal } = permit;
    if (permit.bucket.isClosed) return Promise.reject(new LimiterClosedError(String(route)));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const error = this.#context.errorFor(route);
    if (error) return Promise.reject(error);
    const bucket = this.#context.getBucket(route);
    const request = new PermitRequest(bucket, permit);
    const promise = request.wait(signal);
    // Without the names of its fields, nothing is known but that this one request has to wait.
    if (refusal?.kind === 'sub-limit' && fields.length === 0) this.#dispatcher.parkFor(request, refusal.retryAfter);
    else this.#dispatcher.enqueue(bucket, request);
    return promise;
  }

  repeat(
    permit: PermitRequest,
    outcome: LimitsSource | CancelReason,
    { delay = 0, signal }: RepeatOptions,
  ): Promise<Permit> {
    if (signal?.aborted) {
      endWith(permit, outcome);
      return Promise.reject(signal.reason);
    }
    const { bucket } = permit;
    const request = new PermitRequest(bucket, permit);
    const promise = request.wait(signal);
    if (delay > 0) request.extras.notBefore = this.#context.clock.now() + delay;
    // The request is in the queue before its permit ends, which may let others leave.
    if (bucket.isClosed) request.reject(new LimiterClosedError(String(permit.route)));
    else bucket.stand(request);
    endWith(permit, outcome);
    return promise;
  }

  /** Ends the permits whose requests were abandoned, and no request waits any more. */
  close(bucket: Bucket): void {
    bucket.openWaiting().isClosed = true;
    this.#dispatcher.stopWaiting(bucket);
    const now = this.#context.clock.now();
    for (const permit of [...(bucket.permits ?? [])]) {
      if (permit.graceTimer === undefined) continue;
      permit.graceTimer.cancel();
      this.#end(permit, 'other', true, now);
    }
    this.#dispatcher.rejectWaiting(bucket, (route) => new LimiterClosedError(String(route)));
  }

  #endUnanswered(permit: PermitRequest, reason: CancelReason): void {
    const { clock, gate, turns } = this.#context;
    const { bucket } = permit;
    const now = clock.now();
    const mayCount = reason !== 'unsent';
    const isLost = mayCount && !permit.isAnswered;
    this.#end(permit, mayCount ? 'other' : 'unsent', mayCount, now);
    if (isLost) lose(bucket, now, turns);
    if (!bucket.isClosed) this.#dispatcher.dispatch(bucket);
    gate?.serve();
  }

  /** Gives back all that a permit holds; the one place where that happens. */
  #end(permit: PermitRequest, how: PassEnd, mayCount: boolean, now: LocalInstant): void {
    const { gate, turns } = this.#context;
    permit.bucket.untrack(permit, mayCount, now);
    permit.isEnded = true;
    gate?.end(how, permit.isExempt, now);
    turns.ended(permit, mayCount, now);
  }
}

function endWith(permit: PermitRequest, outcome: LimitsSource | CancelReason): void {
  if (typeof outcome === 'string') permit.cancel(outcome);
  else permit.complete(outcome);
}
