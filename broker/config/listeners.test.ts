import { expect, test } from 'vitest'
import { type ListenerSettings, parseListeners } from './listeners.ts'

const MAP = 'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL'

function parse(settings: Partial<ListenerSettings> & { listeners: readonly string[] }) {
  return parseListeners({
    advertised: null,
    protocolMap: MAP,
    protocolMapIsSet: false,
    controllerNames: ['CONTROLLER'],
    ...settings,
  })
}

test('names, hosts and ports; an IPv6 host stands in brackets', () => {
  const { client, advertised } = parse({ listeners: ['plaintext://[::1]:9092'] })
  expect(client).toEqual([{ name: 'PLAINTEXT', host: '::1', port: 9092, securityProtocol: 'PLAINTEXT' }])
  expect(advertised).toBeUndefined()
})

test('a controller listener needs no entry in the default map, and is kept apart', () => {
  const { client, controller } = parse({ listeners: ['PLAINTEXT://:9092', 'CONTROLLER://:9093'] })
  expect([client.length, controller[0]?.securityProtocol]).toEqual([1, 'PLAINTEXT'])
  const listeners = ['PLAINTEXT://:9092', 'CONTROLLER://:9093']
  expect(() => parse({ listeners, protocolMapIsSet: true })).toThrow(
    /no security protocol is known for listener CONTROLLER/,
  )
})

test('a controller listener that asks for security is refused rather than opened without', () => {
  const listeners = ['PLAINTEXT://:9092', 'CONTROLLER://:9093']
  const protocolMap = 'PLAINTEXT:PLAINTEXT,CONTROLLER:SASL_PLAINTEXT'
  expect(() => parse({ listeners, protocolMap, protocolMapIsSet: true })).toThrow(
    /CONTROLLER asks for SASL_PLAINTEXT/,
  )
})

test('clients and controllers are advertised apart', () => {
  const listeners = ['PLAINTEXT://:9092', 'CONTROLLER://:9093']
  const { advertised, advertisedControllers } = parse({
    listeners,
    advertised: ['PLAINTEXT://a:1', 'CONTROLLER://b:2'],
  })
  expect([advertised, advertisedControllers].map(list => list?.map(({ host }) => host))).toEqual([
    ['a'],
    ['b'],
  ])
  expect(parse({ listeners }).advertisedControllers).toEqual([])
})

test('a custom name takes its protocol from the map', () => {
  const protocolMap = 'INSIDE:PLAINTEXT, outside:plaintext'
  const { client } = parse({
    listeners: ['INSIDE://a:1', 'OUTSIDE://b:2'],
    protocolMap,
    protocolMapIsSet: true,
  })
  expect(client.map(listener => [listener.name, listener.securityProtocol])).toEqual([
    ['INSIDE', 'PLAINTEXT'],
    ['OUTSIDE', 'PLAINTEXT'],
  ])
})

test.each([
  [['PLAINTEXT://:9092', 'PLAINTEXT://:9093'], /PLAINTEXT comes twice/],
  [['PLAINTEXT://:9092', 'CONTROLLER://:9092'], /9092 comes twice/],
  [['PLAINTEXT://:99999'], /not of the form/],
  [['localhost:9092'], /not of the form/],
  [['CONTROLLER://:9093'], /none is left for clients/],
  [['SSL://:9092'], /asks for SSL, which is not built yet/],
  [['PLAINTEXT://:9092', 'SSL://:9093'], /asks for SSL, which is not built yet/],
])('%s is refused', (listeners, message) => {
  expect(() => parse({ listeners })).toThrow(message)
})

test('one port serves twice for an IPv4 and an IPv6 host, and port 0 as often as one likes', () => {
  const protocolMap = 'A:PLAINTEXT,B:PLAINTEXT'
  expect(parse({ listeners: ['A://127.0.0.1:1', 'B://[::1]:1'], protocolMap }).client).toHaveLength(2)
  expect(parse({ listeners: ['A://127.0.0.1:0', 'B://127.0.0.1:0'], protocolMap }).client).toHaveLength(2)
})

test('what is advertised must be reachable and listened on', () => {
  const listeners = ['PLAINTEXT://:9092']
  expect(() => parse({ listeners, advertised: ['PLAINTEXT://:9092'] })).toThrow(/not a wildcard/)
  expect(() => parse({ listeners, advertised: ['PLAINTEXT://0.0.0.0:9092'] })).toThrow(/not a wildcard/)
  expect(() => parse({ listeners, advertised: ['SSL://x:9092'] })).toThrow(/SSL is not among the listeners/)
  expect(parse({ listeners, advertised: ['PLAINTEXT://x:19092'] }).advertised?.[0]?.port).toBe(19092)
})
