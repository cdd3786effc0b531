// node dist/compat-tests/golden/capture-records.js: has Apache Kafka, the reference, fill its internal logs, and records the
// messages in them in protocol/fixtures/golden-records.json: metadata, groups, offsets, transactions, share state, control records.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Reader } from '../../protocol/codec/reader.ts'
import * as groupRecords from '../../protocol/internal/group-records.ts'
import * as metadataRecords from '../../protocol/internal/metadata-records.ts'
import * as shareGroupRecords from '../../protocol/internal/share-group-records.ts'
import * as shareStateRecords from '../../protocol/internal/share-state-records.ts'
import * as streamsGroupRecords from '../../protocol/internal/streams-group-records.ts'
import * as transactionRecords from '../../protocol/internal/transaction-records.ts'
import { batches } from '../../protocol/records/batch.ts'
import { type ControlRecordType, controlRecordType } from '../../protocol/records/control.ts'
import { records } from '../../protocol/records/record.ts'
import { startServer } from '../brokers.ts'
import { pins, root } from '../toolchain.ts'
import { openSettings, programsOf, runJava } from './java.ts'

interface Row {
  readonly message: string
  readonly version: number
  readonly hex: string
}

const named = (rooms: object[], isOurs: (name: string) => boolean): Map<number, string> =>
  new Map(
    rooms
      .flatMap(room => Object.values(room) as { name: string; apiKey: number }[])
      .filter(message => isOurs(message.name))
      .map(message => [message.apiKey, message.name.replace(/(Key|Value)$/, '')]),
  )

const metadataNames = named([metadataRecords], () => true)
const coordinatorNames: Record<string, Map<number, string>> = {
  __consumer_offsets: named([groupRecords, shareGroupRecords, streamsGroupRecords], name =>
    name.endsWith('Key'),
  ),
  __transaction_state: named([transactionRecords], name => name.endsWith('Key')),
  __share_group_state: named([shareStateRecords], name => name.endsWith('Key')),
}
const CONTROL_VALUES: Partial<Record<ControlRecordType, string>> = {
  ABORT: 'EndTxnMarker',
  COMMIT: 'EndTxnMarker',
  LEADER_CHANGE: 'LeaderChangeMessage',
  SNAPSHOT_HEADER: 'SnapshotHeaderRecord',
  SNAPSHOT_FOOTER: 'SnapshotFooterRecord',
  KRAFT_VERSION: 'KRaftVersionRecord',
  KRAFT_VOTERS: 'VotersRecord',
}

const found = new Map<string, Row>()

/** Of each message and version the one that says most. */
function keep(message: string, version: number, bytes: Buffer): void {
  const known = found.get(`${message} ${version}`)
  if (known === undefined || bytes.length * 2 > known.hex.length) {
    found.set(`${message} ${version}`, { message, version, hex: bytes.toString('hex') })
  }
}

/** A version stands before the message. */
function keepPrefixed(message: string, bytes: Buffer): void {
  keep(message, bytes.readInt16BE(0), bytes.subarray(2))
}

function keepMetadata(value: Buffer): void {
  const reader = new Reader(value)
  reader.uvarint()
  const name = metadataNames.get(reader.uvarint())
  const version = reader.uvarint()
  if (name !== undefined) keep(name, version, value.subarray(reader.position))
}

function keepCoordinator(names: Map<number, string>, key: Buffer, value: Buffer | null): void {
  const name = names.get(key.readInt16BE(0))
  if (name === undefined) return console.log(`a record of type ${key.readInt16BE(0)} is not known`)
  keep(`${name}Key`, 0, key.subarray(2))
  if (value !== null) keepPrefixed(`${name}Value`, value)
}

function readLog(file: string): void {
  const topic = file.split('/').at(-2)?.replace(/-\d+$/, '') ?? ''
  for (const batch of batches(readFileSync(file))) {
    for (const { key, value } of records(batch)) {
      if (batch.isControl) {
        const name = CONTROL_VALUES[controlRecordType(key)]
        if (name === undefined || value === null) continue
        if (name === 'EndTxnMarker') keepPrefixed(name, value)
        // The others repeat their version as their first field.
        else keep(name, value.readInt16BE(0), value)
      } else if (topic === '__cluster_metadata' && value !== null) keepMetadata(value)
      else if (coordinatorNames[topic] !== undefined && key !== null)
        keepCoordinator(coordinatorNames[topic], key, value)
    }
  }
}

const broker = await startServer('kafka', openSettings(pins.reference))
try {
  for (const program of programsOf(pins.reference))
    console.log(await runJava(pins.reference, program, broker.bootstrap))
  await broker.stop()
  for (const file of readdirSync(broker.dataDir, { recursive: true, encoding: 'utf8' })) {
    const path = join(broker.dataDir, file)
    if (/\.(log|checkpoint)$/.test(file)) readLog(path)
    if (/golden.*\.snapshot$/.test(file)) keepPrefixed('ProducerSnapshot', readFileSync(path))
  }
} finally {
  await broker.dispose()
}
const rows = [...found.values()].sort((a, b) => a.message.localeCompare(b.message) || a.version - b.version)
const text = rows.map(row => JSON.stringify(row)).join(',\n')
writeFileSync(join(root, 'protocol/fixtures/golden-records.json'), `[\n${text}\n]\n`)
