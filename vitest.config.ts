import { defineConfig } from 'vitest/config'

// CI reads the real counts from this file; see .ci/run.
const report = process.env.VISCPM_TEST_REPORT

export default defineConfig({
  // Tests run on the sources: no build is needed first.
  resolve: { conditions: ['@viscpm/source'] },
  ssr: { resolve: { conditions: ['@viscpm/source'], externalConditions: ['@viscpm/source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'tools/*/src/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
})
