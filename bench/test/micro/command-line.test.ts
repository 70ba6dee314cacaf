import { describe, expect, it } from 'vitest';
import { parseCommandLine, UsageError, usage } from '../../src/micro/command-line.js';

const NAMES = ['decisions', 'routes', 'memory'];

describe('parseCommandLine', () => {
  it('measures all groups in three processes by default', () => {
    const expected = { kind: 'measure', groups: NAMES, isJSON: false, isSmoke: false, repeat: 3 };
    expect(parseCommandLine([], NAMES)).toEqual(expected);
  });

  it('accepts groups, in the order of their list, each once', () => {
    expect(parseCommandLine(['memory', 'decisions', 'memory'], NAMES)).toMatchObject({
      groups: ['decisions', 'memory'],
    });
  });

  it('accepts flags', () => {
    const command = parseCommandLine(['--json', '--repeat', '7', 'routes'], NAMES);
    expect(command).toMatchObject({ isJSON: true, repeat: 7, groups: ['routes'] });
  });

  it('runs a smoke once', () => {
    expect(parseCommandLine(['--smoke', '--repeat', '7'], NAMES)).toMatchObject({ isSmoke: true, repeat: 1 });
  });

  it('prints help, whatever the other arguments', () => {
    expect(parseCommandLine(['--help', 'nonsense'], NAMES)).toEqual({ kind: 'help' });
    expect(usage(NAMES)).toContain('decisions routes memory');
  });

  it.each([
    [['nonsense'], 'There is no group "nonsense"; the groups are decisions, routes, memory.'],
    [['--nonsense'], "Unknown option '--nonsense'."],
    [['--repeat', '0'], '--repeat takes a whole number from 1 to 9999, not "0".'],
    [['--repeat', '1.5'], '--repeat takes a whole number from 1 to 9999, not "1.5".'],
    [['--repeat', ''], '--repeat takes a whole number from 1 to 9999, not "".'],
    [['--smoke', '--repeat', 'x'], '--repeat takes a whole number from 1 to 9999, not "x".'],
  ])('refuses %j in one sentence', (args, message) => {
    expect(() => parseCommandLine(args, NAMES)).toThrow(new UsageError(message));
  });
});
