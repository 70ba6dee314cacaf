import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { lua } from './lua.js';
import type { Language } from './syntax.js';
import { typescript } from './typescript.js';

/** The packages in which errors are made. */
const ROOTS = ['packages/sluice', 'packages/redis'];

const LANGUAGES: Readonly<Record<string, Language>> = { '.ts': typescript, '.lua': lua };

/** What there is to make errors in, and what may notice them. Paths are from the root, with slashes. */
export interface Workspace {
  readonly root: string;
  /** All files that git has or would take. */
  readonly files: readonly string[];
}

export function readWorkspace(root: string): Workspace {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const files = [...new Set(listed.split('\0'))].filter((file) => file !== '' && existsSync(join(root, file)));
  return { root, files: files.sort() };
}

/** The files in which errors are made. */
export function sourcesIn(files: readonly string[]): string[] {
  return files.filter(
    (file) => packageOf(file) !== undefined && /^[^/]+\/[^/]+\/(src|lua)\//.test(file) && languageOf(file),
  );
}

/** The language of a file; `undefined` where no errors are made. */
export function languageOf(file: string): Language | undefined {
  return file.endsWith('.d.ts') ? undefined : LANGUAGES[posix.extname(file)];
}

/** The package of a file, of those in which errors are made. */
export function packageOf(file: string): string | undefined {
  return ROOTS.find((root) => file.startsWith(`${root}/`));
}

/** All packages that are built; tests use the built ones of each other. */
export function projectsIn(files: readonly string[]): string[] {
  return files.filter((file) => /^packages\/[^/]+\/tsconfig\.json$/.test(file)).map((file) => posix.dirname(file));
}

/** Test files of a package. */
export function testsOf(root: string, files: readonly string[]): string[] {
  return files.filter((file) => file.startsWith(`${root}/test/`) && file.endsWith('.test.ts'));
}

/**
 * The tests that are nearest to a source: the one at the same place in `test/`, others of its name and of names that begin
 * with it; without any, those of the same folder.
 */
export function nearTests(source: string, files: readonly string[]): string[] {
  const root = packageOf(source);
  if (root === undefined) return [];
  const tests = testsOf(root, files);
  const name = posix.basename(source, posix.extname(source));
  const named = tests.filter((test) => {
    const own = posix.basename(test, '.test.ts');
    return own === name || own.startsWith(`${name}-`);
  });
  if (named.length > 0) return named;
  const [, ...below] = posix.relative(root, posix.dirname(source)).split('/');
  return below.length === 0 ? [] : tests.filter((test) => posix.dirname(test) === posix.join(root, 'test', ...below));
}

/** The packages, of those in which errors are made, that use another one. */
export function dependantsOf(root: string, workspace: string): string[] {
  const name = manifestOf(root, workspace).name;
  return ROOTS.filter((other) => {
    const { dependencies, peerDependencies } = manifestOf(other, workspace);
    return Object.keys({ ...dependencies, ...peerDependencies }).includes(name);
  });
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(root: string, workspace: string): Manifest {
  return JSON.parse(readFileSync(join(workspace, root, 'package.json'), 'utf8')) as Manifest;
}
