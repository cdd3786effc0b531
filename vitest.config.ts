import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'threads',
    isolate: false,
    include: ['{protocol,storage,broker,cli,bench}/**/*.test.ts'],
    testTimeout: 20_000,
    reporters: ['default'],
  },
})
