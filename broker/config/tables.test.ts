// The tables against the facts of the reference: every setting Kafka has, with its type, default, importance, range
// and scope. The facts were read from the running classes by compat-tests/settings/Dump.java.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { SettingTable } from './setting.ts'
import { parseSetting } from './setting.ts'
import * as tables from './tables.ts'

interface Fact {
  readonly type: string
  readonly default?: string | null
  readonly importance: string
  readonly validator?: string
  readonly dynamic?: string
  readonly internal?: boolean
}

const facts = JSON.parse(
  readFileSync(new URL('./fixtures/kafka-settings.json', import.meta.url), 'utf8'),
) as Record<'broker' | 'topic' | 'group' | 'clientMetrics', Record<string, Fact>> & {
  synonyms: Record<string, string[]>
}

const pairs: [string, SettingTable, Record<string, Fact>][] = [
  ['broker', tables.BROKER_SETTINGS, facts.broker],
  ['topic', tables.TOPIC_SETTINGS, facts.topic],
  ['group', tables.GROUP_SETTINGS, facts.group],
  ['client metrics', tables.CLIENT_METRICS_SETTINGS, facts.clientMetrics],
]

test.each(pairs)('every %s setting of the reference is there, with its facts', (_, table, expected) => {
  const ours = Object.keys(table).filter(name => !name.startsWith('odradek.'))
  expect(ours.sort()).toEqual(Object.keys(expected).sort())
  for (const [name, fact] of Object.entries(expected)) {
    const setting = table[name]!
    expect({ name, type: setting.type, importance: setting.importance }).toEqual({
      name,
      type: fact.type,
      importance: fact.importance,
    })
    expect(setting.dynamic).toBe(fact.dynamic ?? 'read-only')
    expect(setting.internal ?? false).toBe(fact.internal ?? false)
    if (fact.default === null || fact.default === undefined) expect(setting.default).toBe(fact.default)
    else if (fact.type === 'DOUBLE') expect(Number(setting.default)).toBe(Number(fact.default))
    else expect(setting.default).toBe(fact.default)
    const range = /Range: \[(-?[\d.]+),\.\.\.(?:,(-?[\d.]+))?\]/.exec(fact.validator ?? '')
    expect({ name, min: setting.min, max: setting.max }).toEqual({
      name,
      min: range ? Number(range[1]) : undefined,
      max: range?.[2] ? Number(range[2]) : undefined,
    })
    const values = /^Valid(?:String|List): \[([^\]]+)\]/.exec(fact.validator ?? '')
    if (values) expect([...setting.oneOf!].sort()).toEqual(values[1]!.split(', ').sort())
  }
})

test('topic settings fall back on the broker settings that Kafka names', () => {
  const ours = Object.fromEntries(
    Object.entries(tables.TOPIC_SYNONYMS).map(([name, synonyms]) => [
      name,
      synonyms.map(([broker]) => broker),
    ]),
  )
  expect(ours).toEqual(facts.synonyms)
})

test('every default is valid by its own rules', () => {
  for (const [, table] of pairs)
    for (const [name, setting] of Object.entries(table))
      if (typeof setting.default === 'string')
        expect(() => parseSetting(name, setting, setting.default as string), name).not.toThrow()
})

test('every setting says in one or two sentences what it is', () => {
  for (const [, table] of pairs)
    for (const [name, { doc }] of Object.entries(table)) expect(doc, name).toMatch(/^[A-Z0-9m].{10,230}[.]$/)
})

/** `acts` is `file: words in it`, or `topic name` for a broker setting that is the default of that topic setting. */
function shows(acts: string, table: SettingTable, name: string): boolean {
  if (acts.startsWith('topic ')) {
    const topicSetting = acts.slice('topic '.length) as keyof typeof tables.TOPIC_SETTINGS
    const synonyms = tables.TOPIC_SYNONYMS[topicSetting] ?? []
    const behaviour = (tables.TOPIC_SETTINGS as SettingTable)[topicSetting]?.acts ?? ''
    return synonyms.some(([broker]) => broker === name) && shows(behaviour, table, topicSetting)
  }
  const at = acts.indexOf(': ')
  const path = new URL(`../../${acts.slice(0, at)}`, import.meta.url)
  return at > 0 && existsSync(path) && readFileSync(path, 'utf8').includes(acts.slice(at + 2))
}

test.each(pairs)(
  'every %s setting names the test that shows what it does, or says why it does nothing',
  (_, table) => {
    for (const [name, { acts, inert }] of Object.entries(table)) {
      expect([name, (acts === undefined) !== (inert === undefined)]).toEqual([name, true])
      if (acts !== undefined) expect([name, acts, shows(acts, table, name)]).toEqual([name, acts, true])
      else expect([name, inert!.length > 10]).toEqual([name, true])
    }
  },
)
