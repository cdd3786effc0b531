import { configDefaults, defineConfig } from 'vitest/config'

/** Real clients against a running broker: compat-tests/<client>/*.test.ts. */
export default defineConfig({
  test: {
    pool: 'forks',
    fileParallelism: false,
    include: ['compat-tests/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      // What the suites unpack brings its own tests.
      'compat-tests/.cache/**',
      // Its client is installed by the runner, where it can be had.
      ...(process.env.CONFLUENT_JAVASCRIPT ? [] : ['compat-tests/confluent-javascript/**']),
    ],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
