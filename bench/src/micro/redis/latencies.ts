/** Each step is so much longer than the one before: what a quantile may be wrong by. */
const STEP = Math.log(1.01);
/** The shortest time that is told apart, in ms. */
const SHORTEST = 0.001;
/** Up to about a minute. */
const STEPS = 1_800;

/** How many took how long, in steps of one percent, so that those of many processes can be added up. */
export class Latencies {
  readonly counts: Uint32Array;

  /** @param counts As another process has counted them. */
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

  /** The time that a part of all took at most, in ms; `NaN` of none. */
  quantile(part: number): number {
    let left = Math.max(1, Math.ceil(this.total * part));
    for (const [place, count] of this.counts.entries()) {
      left -= count;
      if (left <= 0) return SHORTEST * Math.exp(place * STEP);
    }
    return Number.NaN;
  }
}
