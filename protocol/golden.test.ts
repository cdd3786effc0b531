// Frames that stock clients sent and that Apache Kafka answered, recorded by compat-tests/golden: each is decoded and
// encoded again, byte for byte. A round trip of our own cannot see an error made twice; these can.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { apis } from './apis/index.ts'
import { codecOf, readMessage, writeMessage } from './codec/message.ts'
import { Reader } from './codec/reader.ts'
import { Writer } from './codec/writer.ts'
import { readRequestHeader, readResponseHeader, writeRequestHeader, writeResponseHeader } from './header.ts'
import type { Api } from './schema/message.ts'
import { internalMessages } from './testing/messages.ts'

interface Golden {
  readonly version: number
  readonly kind: 'request' | 'response'
  readonly from: string
  readonly hex: string
}

const folder = join(import.meta.dirname, 'fixtures/golden')
const files = readdirSync(folder).sort()
const goldenOf = (file: string): Golden[] => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden[]

function again(api: Api, { version, kind }: Golden, bytes: Buffer): Buffer {
  const reader = new Reader(bytes)
  const writer = new Writer()
  writer.begin()
  if (kind === 'request') {
    writeRequestHeader(writer, api, readRequestHeader(reader))
    codecOf(api.request, version).write(writer, codecOf(api.request, version).read(reader))
  } else {
    writeResponseHeader(writer, api, version, readResponseHeader(reader, api, version))
    codecOf(api.response, version).write(writer, codecOf(api.response, version).read(reader))
  }
  reader.finish()
  return Buffer.concat(writer.end())
}

describe.each(files)('%s', file => {
  const api = apis.find(one => one.key === Number(file.slice(0, 2))) as Api
  test('every frame comes back byte for byte', () => {
    for (const golden of goldenOf(file)) {
      const { version, kind, from, hex } = golden
      const where = `${api.name} v${version} ${kind} from ${from}`
      expect(again(api, golden, Buffer.from(hex, 'hex')).toString('hex'), where).toBe(hex)
    }
  })
})

interface GoldenRecord {
  readonly message: string
  readonly version: number
  readonly hex: string
}

test('every record of a real broker’s internal logs comes back byte for byte', () => {
  const rows = JSON.parse(
    readFileSync(join(import.meta.dirname, 'fixtures/golden-records.json'), 'utf8'),
  ) as GoldenRecord[]
  const byName = new Map(internalMessages.map(message => [message.name, message]))
  for (const { message: name, version, hex } of rows) {
    const message = byName.get(name)
    if (message === undefined) expect.fail(`no message ${name}`)
    const value = readMessage(message, version, Buffer.from(hex, 'hex'))
    expect(writeMessage(message, version, value).toString('hex'), `${name} v${version}`).toBe(hex)
  }
  expect(rows.length).toBeGreaterThan(40)
})

/** Served only where a plug-in collects telemetry. */
const NOT_SERVED_BY_DEFAULT = new Set(['GetTelemetrySubscriptions', 'PushTelemetry'])

test('the frames cover what the pinned releases serve to clients', () => {
  const answered = new Set<string>()
  const senders = new Set<string>()
  for (const file of files) {
    for (const { version, kind, from } of goldenOf(file)) {
      if (kind === 'response') answered.add(`${Number(file.slice(0, 2))} v${version}`)
      else senders.add(from)
    }
  }
  const missing: string[] = []
  for (const api of apis) {
    if (!api.listeners.includes('broker') || NOT_SERVED_BY_DEFAULT.has(api.name)) continue
    for (let version = api.versions[0]; version <= api.versions[1]; version++) {
      if (!answered.has(`${api.key} v${version}`)) missing.push(`${api.name} v${version}`)
    }
  }
  expect(missing).toEqual([])
  expect([...senders].sort()).toMatchInlineSnapshot(`
    [
      "java 3.9.2",
      "java 4.3.1",
      "kafka 3.9.2 broker",
      "kafka 4.3.1 broker",
      "kafka-ts",
      "kafkajs",
      "kcat",
      "odradek",
      "platformatic",
    ]
  `)
})
