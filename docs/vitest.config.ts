import { defineConfig } from 'vitest/config'

// A run of its own: `npm test` asks whether the generated pages are current, and the unit tests need not.
export default defineConfig({
  test: { include: ['docs/**/*.test.ts'], reporters: ['default'] },
})
