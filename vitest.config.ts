import { defineConfig } from 'vitest/config'

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
  },
})
