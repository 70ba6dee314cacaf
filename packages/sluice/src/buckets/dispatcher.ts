import { LimiterClosedError, QueueFullError } from '../errors.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { fieldsOf } from './body-fields.js';
import { type Bucket, PermitRequest } from './bucket.js';
import type { BucketContext } from './bucket-context.js';
import { exclusionOf } from './exclusion.js';
import type { AcquireOptions, Permit } from './rest-bucket.js';
import { AFTER_AN_END, AFTER_NEWS, asideFor, LEAVE, type Verdict, verdictAtGate, verdictOn } from './verdict.js';
import type { Waiting } from './waiting.js';

/** Lets requests leave their bucket, or wait for what holds them: the only driver of queues. */
export class Dispatcher {
  readonly #context: BucketContext;

  constructor(context: BucketContext) {
    this.#context = context;
  }

  /** A new request: leaves at once, is rejected, or waits. */
  request(bucket: Bucket, route: CompiledRoute, options: AcquireOptions): Promise<Permit> {
    const { signal } = options;
    if (bucket.isClosed) return Promise.reject(new LimiterClosedError(String(route)));
    if (signal?.aborted) return Promise.reject(signal.reason);
    // A parked request whose time has come goes first, even if its timer is late.
    if (bucket.waiting !== undefined && bucket.waiting.parked.size > 0) this.dispatch(bucket);
    const now = this.#context.clock.now();
    const request = this.#describe(bucket, route, options);
    let verdict = verdictOn(request, now, this.#context);
    if (verdict === LEAVE) {
      const isFirst = bucket.waiting === undefined || bucket.waiting.queue.isEmpty;
      if (isFirst && this.#passGate(request, now)) {
        this.#depart(request, now);
        return Promise.resolve(request);
      }
      verdict = verdictAtGate(request, now, this.#context);
    }
    const error = this.#refusalToQueue(request, verdict);
    if (error !== undefined) return Promise.reject(error);
    const permit = request.wait(signal);
    bucket.stand(request);
    if (bucket.waiting?.queue.peek() === request && this.#follow(request, verdict, now)) this.dispatch(bucket);
    return permit;
  }

  /** Puts a request that was in flight before at its place in the queue. */
  enqueue(bucket: Bucket, request: PermitRequest): void {
    bucket.stand(request);
    // Behind other requests, it changes nothing for them.
    if (bucket.waiting?.queue.peek() === request) this.dispatch(bucket);
  }

  /** Lets a request wait beside the queue for `wait` ms, or rejects it when that is too long. */
  parkFor(request: PermitRequest, wait: Duration): void {
    const now = this.#context.clock.now();
    const verdict = asideFor(request, wait, now, this.#context);
    if (typeof verdict === 'object' && verdict.kind === 'too-long') request.reject(verdict.error);
    else this.#park(request, now + wait);
  }

  /** Takes a request out of where it waits. */
  withdraw(request: PermitRequest): void {
    const { bucket } = request;
    const { waiting } = bucket;
    if (waiting === undefined) return;
    if (waiting.parked.delete(request)) {
      request.parkTimer?.cancel();
      return;
    }
    const wasFirst = waiting.queue.peek() === request;
    this.#leaveQueue(request, waiting);
    if (wasFirst && !waiting.queue.isEmpty && !bucket.isClosed) this.dispatch(bucket);
    this.#context.turns.withdrawn(bucket);
  }

  /** Rejects the requests that wait in a bucket and for which there is an error. */
  rejectWaiting(bucket: Bucket, errorFor: (route: CompiledRoute) => Error | undefined): void {
    for (const request of bucket.waiting?.all ?? []) {
      const error = errorFor(request.route);
      if (error === undefined) continue;
      this.withdraw(request);
      request.reject(error);
    }
  }

  /** Lets requests leave for as long as the limits allow. */
  dispatch(bucket: Bucket): void {
    const { waiting } = bucket;
    if (waiting === undefined || waiting.isEmpty) return;
    const now = this.#context.clock.now();
    this.#unpark(bucket, waiting, now);
    let request = waiting.queue.peek();
    while (request !== undefined && this.#follow(request, verdictOn(request, now, this.#context), now)) {
      request = waiting.queue.peek();
      // The request that has just left may exclude the next one; then its end dispatches again.
      if (request !== undefined && !bucket.mayRunBeside(request)) return;
    }
  }

  /** The queue of a bucket is empty or closed: nothing wakes it, and it leaves the gate. */
  stopWaiting(bucket: Bucket): void {
    const { waiting } = bucket;
    if (waiting === undefined) return;
    waiting.stopWaking();
    this.#context.gate?.leave(bucket);
    if (waiting.parked.size === 0 && !waiting.isClosed) bucket.waiting = undefined;
  }

  #describe(bucket: Bucket, route: CompiledRoute, options: AcquireOptions): PermitRequest {
    const { order, concurrency: usual } = this.#context;
    const { priority = 0, concurrency = usual, body } = options;
    return new PermitRequest(bucket, {
      route,
      priority,
      sequence: order.acquire(),
      exclusion: exclusionOf(concurrency, route.method),
      isExempt: this.#context.isExempt(route),
      fields: fieldsOf(body),
    });
  }

  #refusalToQueue({ bucket, route }: PermitRequest, verdict: Verdict): Error | undefined {
    const { maxQueueSize } = this.#context;
    const error = typeof verdict === 'object' && 'error' in verdict ? verdict : undefined;
    if (error?.kind === 'refused') return error.error;
    if (bucket.queueSize >= maxQueueSize) return new QueueFullError(String(route), maxQueueSize);
    return error?.error;
  }

  /** Acts on the verdict on the first request in the queue; `false` when it stays there. */
  #follow(request: PermitRequest, verdict: Verdict, now: LocalInstant): boolean {
    const { bucket } = request;
    if (verdict === LEAVE) return this.#leaveOrQueueAtGate(request, now);
    // The end of a request in flight dispatches again.
    if (verdict === AFTER_AN_END) return false;
    if (verdict === AFTER_NEWS) {
      this.#context.turns.want(bucket, request.fields, now);
      return false;
    }
    switch (verdict.kind) {
      case 'later':
        if (this.#wakeAt(bucket, now + verdict.wait)) this.#context.onRateLimited(bucket, request.route, verdict.wait);
        return false;
      case 'back-off':
        this.#wakeAt(bucket, verdict.until);
        return false;
      case 'aside':
        bucket.waiting?.queue.remove(request);
        this.#park(request, now + verdict.wait);
        return true;
      default:
        this.#leaveQueue(request, bucket.openWaiting());
        request.reject(verdict.error);
        return true;
    }
  }

  #leaveOrQueueAtGate(request: PermitRequest, now: LocalInstant): boolean {
    const { bucket, priority, isExempt } = request;
    if (!this.#passGate(request, now)) {
      const verdict = verdictAtGate(request, now, this.#context);
      if (verdict !== LEAVE) return this.#follow(request, verdict, now);
      this.#context.gate?.queue(bucket, priority, isExempt);
      return false;
    }
    const { queue } = bucket.openWaiting();
    // One object is a node of the queue first, and of the list of requests in flight then.
    queue.remove(request);
    this.#depart(request, now);
    if (queue.isEmpty) this.stopWaiting(bucket);
    request.grantPermit();
    return true;
  }

  #passGate({ bucket, isExempt }: PermitRequest, now: LocalInstant): boolean {
    const { gate } = this.#context;
    return gate === undefined || gate.pass(bucket, isExempt, now);
  }

  #depart(request: PermitRequest, now: LocalInstant): void {
    const { order, turns } = this.#context;
    const { bucket } = request;
    request.sentAt = now;
    request.departure = order.depart();
    request.grant = turns.take(bucket, request.fields);
    bucket.track(request);
  }

  #park(request: PermitRequest, until: LocalInstant): void {
    const { extras } = request;
    extras.notBefore = until;
    request.bucket.openWaiting().parked.add(request);
    extras.parkTimer = this.#context.clock.setTimer(until, () => {
      this.withdraw(request);
      this.enqueue(this.#context.getBucket(request.route), request);
    });
  }

  /** Puts back into the queue the parked requests whose time has come, before any later one may leave. */
  #unpark(bucket: Bucket, { parked }: Waiting<PermitRequest>, now: LocalInstant): void {
    for (const request of parked) {
      if (request.notBefore > now) continue;
      this.withdraw(request);
      bucket.stand(request);
    }
  }

  #wakeAt(bucket: Bucket, at: LocalInstant): boolean {
    return bucket.openWaiting().wakeAt(at, this.#context.clock, () => this.dispatch(bucket));
  }

  #leaveQueue(request: PermitRequest, { queue }: Waiting<PermitRequest>): void {
    queue.remove(request);
    if (queue.isEmpty) this.stopWaiting(request.bucket);
  }
}
