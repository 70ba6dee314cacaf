import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'demo/test/**/*.test.ts',
      'bench/test/**/*.test.ts',
      'mutants/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'testing/*/test/**/*.test.ts',
    ],
    // Tests mostly wait for servers and processes.
    maxWorkers: 3,
    // A property with thousands of histories takes longer than a unit test should.
    testTimeout: 60_000,
    reporters: ['default'],
  },
});
