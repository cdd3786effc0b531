import { expect, test } from 'vitest'
import { Faults } from './faults.ts'
import type { FaultableRequest } from './net/fault.ts'

const faults = (): Faults =>
  new Faults(['Produce', 'Fetch'], name => (name === 'orders' ? 'id-of-orders' : undefined))

const request = (apiName: string, body: unknown = {}, clientId = 'c'): FaultableRequest =>
  ({ apiKey: 0, apiName, request: body, context: { clientId } }) as FaultableRequest

test('a fault strikes once unless told otherwise, and counts', () => {
  const { inject, add } = bound(faults())
  const fault = add({ api: 'Produce', error: 'NOT_LEADER_OR_FOLLOWER' })
  expect(inject(request('Fetch'))).toBeUndefined()
  expect(inject(request('Produce'))).toEqual({ errorCode: 6 })
  expect(inject(request('Produce'))).toBeUndefined()
  expect(fault.hits).toBe(1)
})

test('by client and by topic, under its name or its id, at any depth', () => {
  const { inject, add } = bound(faults())
  const fault = add({ client: 'c', topic: 'orders', drop: true, times: Number.POSITIVE_INFINITY })
  const bodies = [
    { topicData: [{ name: 'orders', partitionData: [] }] },
    { topics: [{ topicId: 'id-of-orders' }] },
    { topics: ['orders'] },
  ]
  for (const body of bodies) expect(inject(request('Fetch', body))).toEqual({ drop: true })
  expect(inject(request('Fetch', { topics: ['other'], records: Buffer.from('orders') }))).toBeUndefined()
  expect(inject(request('Fetch', bodies[0], 'd'))).toBeUndefined()
  fault.remove()
  expect(inject(request('Fetch', bodies[0]))).toBeUndefined()
  expect(fault.hits).toBe(3)
})

test('rules are tried in order', () => {
  const { inject, add } = bound(faults())
  add({ disconnect: true })
  add({ delay: 50 })
  expect([inject(request('Fetch')), inject(request('Fetch')), inject(request('Fetch'))]).toEqual([
    { disconnect: true },
    { delayMs: 50 },
    undefined,
  ])
})

test('a rule that can never strike is refused', () => {
  expect(() => faults().add({ api: 'Prodce', drop: true })).toThrow(/did you mean Produce/)
  expect(() => faults().add({ api: 'Produce' })).toThrow(/needs error, delay, drop or disconnect/)
})

function bound(made: Faults) {
  return { inject: made.inject, add: made.add.bind(made) }
}
