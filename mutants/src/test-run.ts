import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, runNode } from './running.js';

/** Which tests are run, in the root of a copy. */
export interface TestRun {
  readonly root: string;
  /** Folders or files from the root. */
  readonly tests: readonly string[];
  readonly without: readonly string[];
  readonly isFirstEnough: boolean;
  readonly timeout: number;
  readonly env: Readonly<Record<string, string>>;
}

/** A test that failed. */
export interface FailedTest {
  readonly file: string;
  /** Empty when the file failed as a whole. */
  readonly name: string;
}

/** What became of the tests. */
export interface TestOutcome {
  readonly kind: 'passed' | 'failed' | 'too long';
  readonly failures: readonly FailedTest[];
  readonly output: string;
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Runs tests with Vitest. */
export async function runTests(run: TestRun): Promise<TestOutcome> {
  const report = join(run.root, '.scratch', 'report.json');
  rmSync(report, { force: true });
  const ended = await runNode(
    [
      join(run.root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...run.tests,
      ...run.without.flatMap((file) => ['--exclude', file]),
      ...(run.isFirstEnough ? ['--bail=1'] : []),
      '--passWithNoTests',
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    { cwd: run.root, env: run.env, timeout: run.timeout },
  );
  return { kind: kindOf(ended), failures: ended.code === 0 ? [] : failuresIn(report, run.root), output: ended.output };
}

function kindOf({ code, isTooLong }: Ended): TestOutcome['kind'] {
  if (isTooLong) return 'too long';
  return code === 0 ? 'passed' : 'failed';
}

function failuresIn(report: string, root: string): FailedTest[] {
  let results: VitestReport['testResults'];
  try {
    results = (JSON.parse(readFileSync(report, 'utf8')) as VitestReport).testResults;
  } catch {
    // It ended before it could tell.
    return [];
  }
  return results.flatMap(({ name, status, assertionResults }) => {
    const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length > 0) return failed.map(({ fullName }) => ({ file, name: fullName }));
    return status === 'failed' ? [{ file, name: '' }] : [];
  });
}
