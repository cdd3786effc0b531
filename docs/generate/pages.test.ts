import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { handlersOn } from '../../broker/handlers/registry.ts'
import { withCompatibility } from './compatibility.ts'
import { withComparison } from './comparison.ts'
import { apiTablePage, metricsPage, settingsPage, wireAudit } from './pages.ts'
import { audit, controllerAudit, staleReasons } from './wire-audit.ts'

test.each([
  ['settings.md', settingsPage],
  ['metrics.md', metricsPage],
  ['api-table.md', apiTablePage],
  ['wire-audit.md', wireAudit],
])('docs/%s says what the code says', (name, page) => {
  const path = new URL(`../${name}`, import.meta.url)
  if (process.env.DOCS === 'write') writeFileSync(path, page())
  expect(
    page() === readFileSync(path, 'utf8'),
    `docs/${name} is out of date: DOCS=write npx vitest run --config docs/vitest.config.ts`,
  ).toBe(true)
})

test('every API version that Kafka advertises is served, or waits for something that has a name', () => {
  expect(audit().filter(({ isServed, why }) => !isServed && why === undefined)).toEqual([])
  expect(controllerAudit().filter(({ served, why }) => served === undefined && why === undefined)).toEqual([])
  expect(staleReasons()).toEqual([])
})

test('nothing is served on the controller’s listener that Kafka’s does not serve', () => {
  const keys = new Set(controllerAudit().map(({ key }) => key))
  expect(handlersOn('controller').filter(({ api }) => !keys.has(api.key))).toEqual([])
})

test('the README says what the suites have scored', () => {
  const path = new URL('../../README.md', import.meta.url)
  const readme = readFileSync(path, 'utf8')
  if (process.env.DOCS === 'write') writeFileSync(path, withCompatibility(readme))
  expect(
    withCompatibility(readme) === readFileSync(path, 'utf8'),
    'README.md is out of date: DOCS=write npx vitest run --config docs/vitest.config.ts',
  ).toBe(true)
})

test('the comparison with Apache Kafka is what the results say', () => {
  const path = new URL('../performance.md', import.meta.url)
  const page = readFileSync(path, 'utf8')
  if (process.env.DOCS === 'write') writeFileSync(path, withComparison(page))
  expect(
    withComparison(page) === readFileSync(path, 'utf8'),
    'docs/performance.md is out of date: DOCS=write npx vitest run --config docs/vitest.config.ts',
  ).toBe(true)
})
