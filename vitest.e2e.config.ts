import { defineConfig } from 'vitest/config'

/** Real clients against a running broker: compat-tests/<client>/*.test.ts. */
export default defineConfig({
  test: {
    pool: 'forks',
    fileParallelism: false,
    include: ['compat-tests/**/*.test.ts'],
    // Its client is installed by the runner, where it can be had.
    exclude: process.env.CONFLUENT_JAVASCRIPT ? [] : ['compat-tests/confluent-javascript/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
