import { describe, expect, it } from 'vitest';
import { help, parseCommandLine, UsageError } from '../../src/arena/command-line.js';

const NAMES = { clients: ['sluice', 'eris', 'fetch'], scenarios: ['burst', 'drizzle'] };
const parse = (...args: string[]) => parseCommandLine(args, NAMES);

describe('parseCommandLine', () => {
  it('runs everything three times by default', () => {
    expect(parse()).toEqual({ kind: 'run', ...NAMES, repeat: 3, seed: 1, json: false, svg: undefined });
  });

  it('reads all flags', () => {
    const flags = ['--clients', 'fetch, sluice', '--scenarios=drizzle', '--repeat', '5', '--seed', '0', '--json'];
    expect(parse(...flags, '--svg', 'chart.svg')).toEqual({
      kind: 'run',
      clients: ['sluice', 'fetch'],
      scenarios: ['drizzle'],
      repeat: 5,
      seed: 0,
      json: true,
      svg: 'chart.svg',
    });
  });

  it('smokes with the default clients or with the named ones', () => {
    expect(parse('--smoke')).toMatchObject({ kind: 'smoke', clients: undefined, seed: 1 });
    expect(parse('--smoke', '--clients', 'eris')).toMatchObject({ kind: 'smoke', clients: ['eris'] });
  });

  it('renders files', () => {
    expect(parse('--from', 'report.json,more.json')).toEqual({
      kind: 'render',
      files: ['report.json', 'more.json'],
      json: false,
      svg: undefined,
    });
  });

  it('prints help, whatever the other flags', () => {
    expect(parse('--help', '--repeat', 'x')).toEqual({ kind: 'help' });
    expect(help(NAMES)).toContain('Clients: sluice, eris, fetch\nScenarios: burst, drizzle\n');
  });

  it.each([
    [['--clients', 'sluice,discord'], '--clients: there is no “discord”; there are sluice, eris, fetch'],
    [['--clients', ''], '--clients: there is no “”'],
    [['--scenarios', 'flood'], '--scenarios: there is no “flood”'],
    [['--repeat', '0'], '--repeat takes a whole number from 1 to 100, not “0”'],
    [['--repeat', '2.5'], '--repeat takes'],
    [['--seed', '-1'], 'seed'],
    [['--seed', '4294967296'], '--seed takes'],
    [['--smoke', '--scenarios', 'burst'], '--scenarios has no meaning beside --smoke'],
    [['--from', 'a.json', '--smoke'], '--smoke has no meaning beside --from'],
    [['--from', 'a.json', '--seed', '2'], '--seed has no meaning beside --from'],
    [['--fast'], '--fast'],
    [['burst'], 'burst'],
  ])('does not understand %j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
