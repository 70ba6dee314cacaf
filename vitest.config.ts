import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'demo/test/**/*.test.ts',
      'bench/test/**/*.test.ts',
      'mutants/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
    ],
    // Most of the time goes by in waiting for servers and processes.
    maxWorkers: 3,
    // Thousands of histories in one property take longer than a unit test should.
    testTimeout: 60_000,
    reporters: ['default'],
  },
});
