import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readEquivalents } from '../src/equivalent.js';
import { TreeCopy } from '../src/tree-copy.js';
import { dependantsOf, nearTests, readWorkspace, sourcesIn } from '../src/workspace.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the nearest tests', () => {
  const files = [
    'packages/sluice/test/rules/window.test.ts',
    'packages/sluice/test/rules/window-kind.test.ts',
    'packages/sluice/test/gates/window-losses.test.ts',
    'packages/sluice/test/gates/gate.test.ts',
    'packages/sluice/test/gates/rig.ts',
    'packages/redis/test/rules/window.test.ts',
  ];

  it.each([
    ['packages/sluice/src/rules/window-kind.ts', ['packages/sluice/test/rules/window-kind.test.ts']],
    ['packages/sluice/src/gates/gate.ts', ['packages/sluice/test/gates/gate.test.ts']],
    ['packages/redis/lua/window.lua', ['packages/redis/test/rules/window.test.ts']],
    ['packages/redis/lua/line.lua', []],
    [
      'packages/sluice/src/gates/other.ts',
      ['packages/sluice/test/gates/window-losses.test.ts', 'packages/sluice/test/gates/gate.test.ts'],
    ],
    ['packages/sluice/src/rules/window.ts', files.slice(0, 3)],
  ])('of %s', (source, expected) => {
    expect(nearTests(source, files)).toEqual(expected);
  });
});

describe('the workspace', () => {
  const workspace = readWorkspace(ROOT);

  it('has sources in TypeScript and Lua in which errors are made, and no tests', () => {
    const sources = sourcesIn(workspace.files);
    expect(sources).toContain('packages/sluice/src/rules/window.ts');
    expect(sources).toContain('packages/redis/lua/window.lua');
    expect(sources.filter((file) => !/\/(src|lua)\//.test(file) || file.includes('simulator'))).toEqual([]);
  });

  it('knows which package uses which', () => {
    expect(dependantsOf('packages/sluice', ROOT)).toEqual(['packages/redis']);
    expect(dependantsOf('packages/redis', ROOT)).toEqual([]);
  });

  it('has a list of mutants that change nothing that can be read', () => {
    expect(() => readEquivalents(readFileSync(join(ROOT, 'mutants/equivalent.json'), 'utf8'))).not.toThrow();
  });

  it('is copied with links to what is installed and to its own packages, and leaves nothing behind', () => {
    const files = ['package.json', 'packages/sluice/package.json', 'packages/redis/package.json'];
    const copy = new TreeCopy({ root: ROOT, files });
    expect(readFileSync(join(copy.root, 'node_modules/sluice/package.json'), 'utf8')).toBe(copy.read(files[1] ?? ''));
    copy.write('packages/redis/package.json', '{}');
    expect(readFileSync(join(copy.root, 'node_modules/@sluice/redis/package.json'), 'utf8')).toBe('{}');
    expect(readFileSync(join(ROOT, 'packages/redis/package.json'), 'utf8')).not.toBe('{}');
    expect(lstatSync(join(copy.root, 'node_modules/vitest')).isSymbolicLink()).toBe(true);
    copy[Symbol.dispose]();
    expect(existsSync(copy.root)).toBe(false);
    expect(existsSync(join(ROOT, 'node_modules/vitest/package.json'))).toBe(true);
  });
});
