import { join } from 'node:path';
import { type Mutant, mutated } from './mutant.js';
import { runNode } from './running.js';
import { type FailedTest, runTests, type TestOutcome } from './test-run.js';
import type { TreeCopy } from './tree-copy.js';
import { dependantsOf, nearTests, packageOf, projectsIn } from './workspace.js';

/** What became of a mutant. `by` is what noticed it. */
export type Verdict =
  | { readonly kind: 'noticed'; readonly by: string }
  | { readonly kind: 'unnoticed' }
  /** The compiler refuses it, so no test needs to notice it. */
  | { readonly kind: 'refused' };

/** How trials are made. */
export interface TrialOptions {
  /** How many histories each property plays. */
  readonly histories: number;
  /** Whether the tests of packages that use the one with the error are left out. */
  readonly isOwnOnly: boolean;
  readonly report: (text: string) => void;
}

/** The shortest time in which tests are taken to hang, in ms, and how much longer than without an error they may take. */
const LEAST_TIMEOUT = 60_000;
const TIMEOUT_FACTOR = 4;
const BASELINE_TIMEOUT = 30 * 60_000;

/** The name of a failure that no test has. */
const OUTSIDE = 'an error outside of all tests';

/** How often a failure may turn out to be by chance in one trial. */
const MOST_CHANCES = 3;

/** Some tests, run one after the other until one fails. */
interface Stage {
  readonly tests: readonly string[];
  readonly without: readonly string[];
  readonly timeout: number;
}

/** Tries mutants in a copy of the workspace. */
export class Trials {
  readonly #copy: TreeCopy;
  readonly #files: readonly string[];
  readonly #options: TrialOptions;
  /** How long the tests of a package take without any error, in ms. */
  readonly #durations = new Map<string, number>();
  /** Test files that fail without any error, so their failures say nothing. */
  readonly #failing: string[] = [];

  constructor(copy: TreeCopy, files: readonly string[], options: TrialOptions) {
    this.#copy = copy;
    this.#files = files;
    this.#options = options;
  }

  /**
   * Builds the packages, and runs the nearest tests of these files without any error.
   *
   * @throws Error when they cannot be built.
   */
  async prepare(files: readonly string[]): Promise<void> {
    const built = await this.#compile(...projectsIn(this.#files));
    if (built.code !== 0) throw new Error(`The packages cannot be built without any error: ${built.output}`);
    const near = [...new Set(files.flatMap((file) => nearTests(file, this.#files)))];
    if (near.length > 0)
      this.#leaveOut((await this.#run({ tests: near, without: [], timeout: BASELINE_TIMEOUT }, false)).failures);
  }

  /** Puts one error in, and runs tests until one fails. */
  async try(mutant: Mutant): Promise<Verdict> {
    const { file } = mutant;
    const near = nearTests(file, this.#files);
    const packages = this.#packagesFor(file);
    const early = await this.#tryWith(
      mutant,
      near.length === 0 ? [] : [{ tests: near, without: [], timeout: LEAST_TIMEOUT }],
    );
    if (early.kind !== 'unnoticed') return early;
    for (const root of packages) await this.#baseline(root);
    return this.#tryWith(
      mutant,
      packages.map((root) => ({ tests: [`${root}/`], without: near, timeout: this.#timeoutFor(root) })),
    );
  }

  async #tryWith(mutant: Mutant, stages: readonly Stage[]): Promise<Verdict> {
    const { file, change } = mutant;
    const source = this.#copy.read(file);
    this.#copy.write(file, mutated(source, change));
    try {
      const [own] = this.#packagesFor(file);
      if (own !== undefined && file.endsWith('.ts') && (await this.#compile(own)).code !== 0)
        return { kind: 'refused' };
      for (const stage of stages) {
        const by = await this.#noticedBy(stage);
        if (by !== undefined) return { kind: 'noticed', by };
      }
      return { kind: 'unnoticed' };
    } finally {
      this.#copy.write(file, source);
    }
  }

  /** The package of a file, and those that use it. */
  #packagesFor(file: string): string[] {
    const own = packageOf(file);
    if (own === undefined) return [];
    return this.#options.isOwnOnly ? [own] : [own, ...dependantsOf(own, this.#copy.root)];
  }

  /** What notices the error; a failure that does not come again is taken to be chance. */
  async #noticedBy(stage: Stage): Promise<string | undefined> {
    let without = [...stage.without, ...this.#failing];
    for (let chances = 0; ; chances++) {
      const outcome = await this.#run({ ...stage, without });
      if (outcome.kind === 'passed') return undefined;
      if (outcome.kind === 'too long') return 'a timeout';
      const [first] = outcome.failures;
      const label = first === undefined ? OUTSIDE : labelOf(first);
      const again = chances === MOST_CHANCES ? label : await this.#again(stage, without, first);
      if (again !== undefined) return again;
      this.#options.report(`${label} failed once, and not when it was run again`);
      if (first !== undefined) without = [...without, first.file];
    }
  }

  /** The name of a failure that comes again. */
  async #again(stage: Stage, without: readonly string[], first: FailedTest | undefined): Promise<string | undefined> {
    if (first === undefined) {
      const outcome = await this.#run({ ...stage, without });
      return outcome.kind !== 'passed' && outcome.failures.length === 0 ? OUTSIDE : undefined;
    }
    const outcome = await this.#run({ ...stage, tests: [first.file], without: [] });
    return outcome.kind === 'passed' ? undefined : labelOf(outcome.failures[0] ?? first);
  }

  #run({ tests, without, timeout }: Stage, isFirstEnough = true): Promise<TestOutcome> {
    const { root, scratch } = this.#copy;
    const env = { SLUICE_HISTORIES: String(this.#options.histories), TMPDIR: scratch };
    return runTests({ root, tests, without, isFirstEnough, timeout, env });
  }

  /** Runs the tests of a package without any error, once. */
  async #baseline(root: string): Promise<void> {
    if (this.#durations.has(root)) return;
    await this.#compile(root);
    const startedAt = performance.now();
    const { failures } = await this.#run({ tests: [`${root}/`], without: [], timeout: BASELINE_TIMEOUT }, false);
    const duration = performance.now() - startedAt;
    this.#durations.set(root, duration);
    this.#options.report(`${root}: its tests take ${Math.round(duration / 1_000)} s`);
    this.#leaveOut(failures);
  }

  #leaveOut(failures: readonly FailedTest[]): void {
    for (const file of new Set(failures.map((failure) => failure.file))) {
      this.#failing.push(file);
      this.#options.report(`${file} fails without any error, and is left out`);
    }
  }

  #timeoutFor(root: string): number {
    return Math.max(LEAST_TIMEOUT, (this.#durations.get(root) ?? 0) * TIMEOUT_FACTOR);
  }

  #compile(...projects: readonly string[]) {
    const { root: cwd, scratch } = this.#copy;
    const tsc = join(cwd, 'node_modules/typescript/bin/tsc');
    return runNode([tsc, '-b', ...projects], { cwd, env: { TMPDIR: scratch }, timeout: BASELINE_TIMEOUT });
  }
}

function labelOf({ file, name }: FailedTest): string {
  return name === '' ? file : `${file}: ${name}`;
}
