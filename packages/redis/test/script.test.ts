import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inOrder, readLua } from '../src/script.js';

const LUA = new URL('../lua/', import.meta.url);

function reader(files: Readonly<Record<string, string>>): (file: string) => string {
  return (file) => {
    const text = files[file];
    if (text === undefined) throw new Error(`no file ${file}`);
    return text;
  };
}

describe('the files of a script', () => {
  it('stand below those that they need, each once', () => {
    const read = reader({ a: '-- needs: b, c\n', b: '-- needs: d\n', c: '-- needs: d, b\n', d: 'return 1\n' });
    expect(inOrder('a', read)).toEqual(['d', 'b', 'c', 'a']);
  });

  it('need no line when they need no other file', () => {
    expect(inOrder('d', reader({ d: '-- a comment\n' }))).toEqual(['d']);
  });

  it('are named when they need each other in a circle', () => {
    const read = reader({ a: '-- needs: b\n', b: '-- needs: a\n' });
    expect(() => inOrder('a', read)).toThrow('in a circle: a, b, a');
  });

  it('must exist', () => {
    expect(() => inOrder('a', reader({ a: '-- needs: b\n' }))).toThrow('no file b');
  });

  it('are all part of a script', () => {
    const used = new Set(['exchange.lua', 'address.lua'].flatMap((file) => inOrder(file, readLua)));
    expect([...used].sort()).toEqual(readdirSync(LUA).sort());
  });

  it('fit into one chunk of Lua, which has at most 200 local names', () => {
    const source = inOrder('exchange.lua', readLua).map((file) => readFileSync(new URL(file, LUA), 'utf8'));
    const names = source.join('\n').match(/^local (?:function )?[^=(]+/gm) ?? [];
    expect(names.flatMap((each) => each.split(',')).length).toBeLessThan(190);
  });
});
