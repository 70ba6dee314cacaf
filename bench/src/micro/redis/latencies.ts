/** The ratio of a step to the one before: the largest error of a quantile. */
const STEP = Math.log(1.01);
/** The shortest time that the steps can distinguish, in ms. */
const SHORTEST = 0.001;
/** Up to about a minute. */
const STEPS = 1_800;

/** A histogram of times in steps of one percent, so that histograms of many processes can be added up. */
export class Latencies {
  readonly counts: Uint32Array;

  /** @param counts Counts from another process. */
  constructor(counts: Uint32Array = new Uint32Array(STEPS)) {
    this.counts = counts;
  }

  /** @param time In ms. */
  add(time: number): void {
    const step = Math.round(Math.log(Math.max(time, SHORTEST) / SHORTEST) / STEP);
    const place = Math.min(step, this.counts.length - 1);
    this.counts[place] = (this.counts[place] ?? 0) + 1;
  }

  addAll(other: Latencies): void {
    for (const [place, count] of other.counts.entries()) this.counts[place] = (this.counts[place] ?? 0) + count;
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** The time that a given part of all samples took at most, in ms; `NaN` without samples. */
  quantile(part: number): number {
    let left = Math.max(1, Math.ceil(this.total * part));
    for (const [place, count] of this.counts.entries()) {
      left -= count;
      if (left <= 0) return SHORTEST * Math.exp(place * STEP);
    }
    return Number.NaN;
  }
}
