import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'
import { fromProperties } from './properties.ts'
import { parseSetting, canonicalText, double, int, list } from './setting.ts'
import { fromAssignments, fromEnvironment, settingNameOf } from './sources.ts'

test.each([
  ['KAFKA_LISTENERS', 'listeners'],
  ['KAFKA_LOG_RETENTION_MS', 'log.retention.ms'],
  ['KAFKA_A__B', 'a_b'],
  ['KAFKA_LISTENER_NAME_SASL__SSL_X', 'listener.name.sasl_ssl.x'],
  ['KAFKA_A___B', 'a-b'],
  ['KAFKA_A____B', 'a-.b'],
  ['KAFKA_HEAP_OPTS', undefined],
  ['KAFKA_JMX_PORT', undefined],
  ['KAFKA_LOG4J_ROOT_LOGLEVEL', undefined],
  ['PATH', undefined],
])('%s is %s', (variable, name) => {
  expect(settingNameOf(variable)).toBe(name)
})

test('the environment keeps values as they are', () => {
  const { entries } = fromEnvironment({ KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://a:1', HOME: '/root' })
  expect([...entries]).toEqual([['advertised.listeners', 'PLAINTEXT://a:1']])
})

test('assignments keep everything after the first =', () => {
  expect(fromAssignments(['a=b=c']).entries.get('a')).toBe('b=c')
  expect(() => fromAssignments(['a'])).toThrow(/expected key=value/)
})

test('the grammar of java.util.Properties', () => {
  const text = '# c\n! c\na = 1\nb:2\nc 3\nlong=x,\\\n   y\nuni=\\u00e9\nempty=\nkey\\ with\\=odd=1\n'
  expect(Object.fromEntries(fromProperties('f', text).entries)).toEqual({
    a: '1',
    b: '2',
    c: '3',
    long: 'x,y',
    uni: 'é',
    empty: '',
    'key with=odd': '1',
  })
})

test('the nearest key, but none from far away', () => {
  const known = ['num.partitions', 'log.dirs', 'listeners']
  expect(nearest('num.partitoins', known)).toBe('num.partitions')
  expect(nearest('listener', known)).toBe('listeners')
  expect(nearest('zookeeper.connect', known)).toBeUndefined()
})

test('texts as Kafka shows them', () => {
  const shown = (text: string): string => canonicalText(double(0, 'LOW', ''), text)
  expect(['0.5', '1', '10000000', '0.0001', '-0.25'].map(shown)).toEqual([
    '0.5',
    '1.0',
    '1.0E7',
    '1.0E-4',
    '-0.25',
  ])
  expect(canonicalText(int(0, 'LOW', ''), ' +007 ')).toBe('7')
  expect(canonicalText(list('', 'LOW', ''), ' a , b,a')).toBe('a,b')
})

test('values are trimmed as Java trims them', () => {
  const plain = list('', 'LOW', 'x')
  expect(parseSetting('x', plain, '\u0000')).toEqual([])
  expect(parseSetting('x', plain, '\ta , \u0001b\n')).toEqual(['a', 'b'])
  expect(parseSetting('x', plain, '\u00a0a')).toEqual(['\u00a0a'])
})

test('what a list names twice counts once, and it leaves no gaps', () => {
  const setting = list('', 'LOW', '')
  expect(parseSetting('x', setting, '')).toEqual([])
  expect(() => parseSetting('x', setting, 'a,,b')).toThrow(/empty element/)
  expect(parseSetting('x', setting, 'a,a')).toEqual(['a'])
})
