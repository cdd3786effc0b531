import { defineConfig } from 'vitest/config'

/** Real clients against a running broker: compat-tests/<client>/*.test.ts. */
export default defineConfig({
  test: {
    pool: 'forks',
    fileParallelism: false,
    include: ['compat-tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
