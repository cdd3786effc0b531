// Metadata batches and snapshots as lines for people: what `odradek dump-metadata` prints. Each batch is a line, each record an
// indented line below it: offset, type, version, and the fields as JSON in the schema's order. SCRAM keys are not shown.
import { readMessage } from '../../protocol/codec/message.ts'
import {
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from '../../protocol/internal/control-records.ts'
import { isDefault } from '../../protocol/schema/defaults.ts'
import type { Message } from '../../protocol/schema/message.ts'
import { type ControlRecord, readBatches } from './metadata-batch.ts'
import type { MetadataRecord } from './metadata-record.ts'
import { messageOf } from './record-framing.ts'

/** Throws MetadataFormatError at the first batch that is damaged, after the lines before it. */
export function* dumpMetadata(bytes: Buffer): Generator<string, void, undefined> {
  let position = 0
  for (const batch of readBatches(bytes)) {
    const count = batch.lastOffset - batch.baseOffset + 1
    yield `${batch.kind === 'control' ? 'control' : 'batch'} ${batch.baseOffset}..${batch.lastOffset} epoch ${batch.epoch}` +
      ` records ${count} bytes ${batch.sizeInBytes} position ${position} time ${new Date(batch.timestampMs).toISOString()}`
    position += batch.sizeInBytes
    let offset = batch.baseOffset
    if (batch.kind === 'control') {
      for (const record of batch.control) yield `  ${offset++} ${controlLine(record)}`
    } else {
      for (const [at, record] of batch.records.entries()) {
        yield `  ${offset++} ${recordLine(record)} v${batch.versions?.[at]}`
      }
    }
  }
  if (position < bytes.length) yield `${bytes.length - position} bytes at ${position} are no whole batch`
}

/** Tagged fields that hold their default are left out, as they are in the bytes. */
export function recordLine({ type, value }: MetadataRecord): string {
  const { shape } = messageOf(type).struct
  const said = Object.entries(value).filter(([field, content]) => {
    const facts = shape[field]?.facts
    return facts?.tag === undefined || !isDefault(facts, content)
  })
  return `${type} ${json(Object.fromEntries(said))}`
}

const controlMessages: Readonly<Record<string, Message<unknown>>> = {
  LEADER_CHANGE: LeaderChangeMessage as Message<unknown>,
  SNAPSHOT_HEADER: SnapshotHeaderRecord as Message<unknown>,
  SNAPSHOT_FOOTER: SnapshotFooterRecord as Message<unknown>,
  KRAFT_VERSION: KRaftVersionRecord as Message<unknown>,
  KRAFT_VOTERS: VotersRecord as Message<unknown>,
}

function controlLine({ type, value }: ControlRecord): string {
  const message = controlMessages[type]
  if (message === undefined) return `${type} ${value.toString('hex')}`
  // Every one of them says its own version first.
  const version = Math.min(value.length < 2 ? 0 : value.readInt16BE(0), message.versions[1])
  return `${type} ${json(readMessage(message, version, value))}`
}

const SECRET = new Set(['salt', 'storedKey', 'serverKey'])

const json = (value: unknown): string =>
  JSON.stringify(value, (key, field: unknown) => {
    if (SECRET.has(key)) return '[hidden]'
    if (typeof field === 'bigint') return Number.isSafeInteger(Number(field)) ? Number(field) : String(field)
    return field
  })
