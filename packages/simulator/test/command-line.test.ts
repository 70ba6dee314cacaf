import { expect, test } from 'vitest';
import { parseCommandLine, UsageError } from '../src/command-line.js';

test('an empty command line serves with the defaults', () => {
  expect(parseCommandLine([])).toEqual({ kind: 'serve', options: {}, routesFile: undefined });
});

test('reads every option', () => {
  const args = '--port 8080 --host ::1 --rtt 120 --jitter 0.5 --seed=7 --global-limit 500 --routes r.json'.split(' ');
  expect(parseCommandLine(args)).toEqual({
    kind: 'serve',
    options: { port: 8080, host: '::1', rtt: 120, jitter: 0.5, seed: 7, globalLimit: 500 },
    routesFile: 'r.json',
  });
});

test('can turn the global limit off', () => {
  expect(parseCommandLine(['--global-limit', 'none'])).toMatchObject({ options: { globalLimit: null } });
});

test.each(['help', 'version'])('--%s comes before all else', (kind) => {
  expect(parseCommandLine(['--port', 'x', `--${kind}`])).toEqual({ kind });
});

test('leaves a text that is not a number for the check of the options', () => {
  expect(parseCommandLine(['--port', 'x', '--rtt', ''])).toMatchObject({ options: { port: 'x', rtt: '' } });
});

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--port'], "Option '--port <value>' argument missing"],
  [['--rtt', '-5'], "Option '--rtt' argument is ambiguous"],
  [['file'], "Unexpected argument 'file'"],
])('refuses %j', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(UsageError);
  expect(() => parseCommandLine(args)).toThrow(message);
});
