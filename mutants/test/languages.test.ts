import { describe, expect, it } from 'vitest';
import { lua } from '../src/lua.js';
import { mutantsOf } from '../src/mutant.js';
import type { Language } from '../src/syntax.js';
import { typescript } from '../src/typescript.js';

/** All that one line can become. */
function changed(source: string, language: Language, operator: string): string[] {
  const mutants = mutantsOf('sample', source, language);
  return mutants.filter((mutant) => mutant.operator === operator).map(({ now }) => now);
}

function inTypeScript(source: string, operator: string): string[] {
  return mutantsOf('sample.ts', source, typescript)
    .filter((mutant) => mutant.operator === operator)
    .map(({ now }) => now);
}

describe('errors in TypeScript', () => {
  it.each([
    ['comparison', 'a < b;', ['a <= b;', 'a >= b;']],
    ['comparison', 'a === b;', ['a !== b;']],
    ['and/or', 'a && b;', ['a || b;']],
    ['side of and/or dropped', 'a || b;', ['a;', 'b;']],
    ['?? dropped', 'x = a ?? b;', ['x = a;', 'x = b;']],
    ['! dropped', 'x = !a;', ['x = a;']],
    ['arithmetic', 'x = a + b;', ['x = a - b;']],
    ['arithmetic', 'a++;', ['a--;']],
    ['arithmetic', 'a += 1;', ['a -= 1;', 'a = 1;']],
    ['number', 'x = 5;', ['x = 6;', 'x = 4;', 'x = 100;']],
    ['number', 'x = 0;', ['x = 1;', 'x = (-1);']],
    ['number', 'x = Number.POSITIVE_INFINITY;', ['x = 0;']],
    ['boolean', 'x = true;', ['x = false;']],
    ['Math exchanged', 'x = Math.min(a, b);', ['x = Math.max(a, b);']],
    ['Math dropped', 'x = Math.min(a, b);', ['x = (a);', 'x = (b);']],
    ['condition', 'if (a) b();', ['if (true) b();', 'if (false) b();']],
    ['condition', 'while (a) b();', ['while (false) b();']],
    ['statement removed', 'a();', [';']],
    [
      'return constant',
      'function f() { return a > b; }',
      ['function f() { return true; }', 'function f() { return false; }'],
    ],
    ['return constant', 'const f = () => a + b;', ['const f = () => 0;']],
    ['return early', 'function f() { a(); b(); }', ['function f() { return; a(); b(); }']],
    ['default', 'function f(x = LIMIT) {}', ['function f(x = undefined) {}']],
  ])('%s: %s', (operator, source, expected) => {
    expect(inTypeScript(source, operator)).toEqual(expected);
  });

  it.each([
    ['types', 'let x: 1 | 2; type T = { a: 3 }; interface I { b: true }'],
    ['texts', "x = 'a' + b;"],
    ['imports', "import a from 'a';"],
  ])('are not made in %s', (_, source) => {
    const operators = mutantsOf('sample.ts', source, typescript).map(({ operator }) => operator);
    expect(operators.filter((operator) => operator !== 'statement removed')).toEqual([]);
  });

  it('are told with the names of classes, methods and functions around them', () => {
    const source = 'class A {\n  #b() {\n    const c = () => {\n      d(1);\n    };\n  }\n}';
    const [mutant] = mutantsOf('sample.ts', source, typescript).filter(({ operator }) => operator === 'number');
    expect(mutant).toMatchObject({ function: 'A.#b.c', line: 4, was: 'd(1);', now: 'd(2);' });
  });

  it('keep what stands in brackets together', () => {
    expect(inTypeScript('x = (a ?? b) + c;', '?? dropped')).toEqual(['x = (a) + c;', 'x = (b) + c;']);
  });

  it('tell of a source that cannot be parsed', () => {
    expect(() => mutantsOf('sample.ts', 'a b', typescript)).toThrow(/sample\.ts cannot be parsed/);
  });
});

describe('errors in Lua', () => {
  it.each([
    ['comparison', 'local x = a <= b', ['local x = a < b', 'local x = a > b']],
    ['comparison', 'local x = a ~= b', ['local x = a == b']],
    ['and/or', 'local x = a and b', ['local x = a or b']],
    [
      'side of and/or dropped',
      'local x = (a or b) and c',
      ['local x = (a or b)', 'local x = (c)', 'local x = ((a)) and c', 'local x = ((b)) and c'],
    ],
    ['not dropped', 'local x = not a', ['local x = (a)']],
    ['arithmetic', 'local x = a * b', ['local x = a / b']],
    ['number', 'local x = 250', ['local x = 251', 'local x = 249', 'local x = 5000']],
    ['boolean', 'local x = false', ['local x = true']],
    ['math exchanged', 'local x = math.max(a, b)', ['local x = math.min(a, b)']],
    ['math dropped', 'local x = math.max(a, b)', ['local x = (a)', 'local x = (b)']],
    ['condition', 'if a then b() end', ['if true then b() end', 'if false then b() end']],
    ['statement removed', 'a.b = c', ['do end']],
    ['statement removed', 'f(a)', ['do end']],
    [
      'return constant',
      'local function f() return a.b end',
      ['local function f() return false end', 'local function f() return true end'],
    ],
  ])('%s: %s', (operator, source, expected) => {
    expect(changed(source, lua, operator).sort()).toEqual([...expected].sort());
  });

  it('are told with the name of their function', () => {
    const [mutant] = mutantsOf('sample.lua', 'local function f(a)\n  return a < 1\nend', lua);
    expect(mutant).toMatchObject({ function: 'f', line: 2 });
  });
});
