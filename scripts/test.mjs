/**
 * `npm test`: format, lint, walls between the rooms, unit tests, client tests. `npm test -- --units` leaves out all but the unit tests
 * and one smoke test with a real client, which is what an older Node has to pass.
 */
import { close, runSteps } from './steps.mjs'

const units = process.argv.includes('--units')
const node = process.execPath
const bin = name => `node_modules/${name}`
const results = name => `.cache/results/${name}-${process.versions.node}.json`
const vitest = (name, ...args) => [
  node,
  bin('vitest/vitest.mjs'),
  'run',
  ...args,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results(name)}`,
]

const checks = [
  { name: 'types', command: [node, bin('typescript7/bin/tsc'), '--noEmit', '-p', '.'], budgetSeconds: 60 },
  { name: 'format', command: [node, bin('@biomejs/biome/bin/biome'), 'format', '.'], budgetSeconds: 30 },
  { name: 'lint', command: [node, bin('oxlint/bin/oxlint'), '--type-aware'], budgetSeconds: 60 },
  { name: 'walls', command: [node, 'scripts/walls.mjs'], budgetSeconds: 90 },
]
const documents = {
  name: 'generated pages',
  command: vitest('documents', '--config', 'docs/vitest.config.ts'),
  results: results('documents'),
  budgetSeconds: 60,
}
const unit = { name: 'unit tests', command: vitest('unit'), results: results('unit'), budgetSeconds: 300 }
const clients = {
  name: 'client tests',
  command: vitest('clients', '--config', 'vitest.e2e.config.ts'),
  results: results('clients'),
  budgetSeconds: 300,
}
const smoke = {
  name: 'smoke test',
  command: vitest('smoke', '--config', 'vitest.e2e.config.ts', '-t', 'sends with acks all and reads it back'),
  results: results('smoke'),
  budgetSeconds: 120,
}

close(await runSteps(units ? [unit, smoke] : [...checks, documents, unit, clients]))
