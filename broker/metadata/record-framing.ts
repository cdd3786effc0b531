// Metadata records as bytes: the value of one record in a batch of `__cluster_metadata`.
//
//   uvarint  frame version, 1
//   uvarint  type of the record (Kafka's apiKey)
//   uvarint  version of the record
//   body     in the flexible encoding of that version; nothing may follow it
//
// A type we do not know is an error: skipping it would make a wrong image. Kafka's AbstractApiMessageSerde, MetadataRecordSerde.
import { readMessage, writeMessage } from '../../protocol/codec/message.ts'
import type { Message } from '../../protocol/schema/message.ts'
import { recordVersion } from './features.ts'
import type { MetadataRecord, MetadataRecordType } from './metadata-record.ts'
import * as messages from '../../protocol/internal/metadata-records.ts'

const FRAME_VERSION = 1

const byApiKey = new Map<number, { type: MetadataRecordType; message: Message<unknown> }>()
const byType = new Map<MetadataRecordType, Message<unknown>>()
for (const [type, message] of Object.entries(messages) as [MetadataRecordType, Message<unknown>][]) {
  byApiKey.set(message.apiKey!, { type, message })
  byType.set(type, message)
}

/** Of a type's schema. */
export const messageOf = (type: MetadataRecordType): Message<unknown> => byType.get(type)!

export class MetadataFormatError extends Error {
  override readonly name = 'MetadataFormatError'
}

export function encodeRecord(record: MetadataRecord, metadataVersion: number): Buffer {
  const message = byType.get(record.type)!
  const version = recordVersion(record, metadataVersion)
  const body = writeMessage(message, version, record.value)
  const frame = Buffer.allocUnsafe(3 + body.length)
  // All three are below 128: one byte each.
  frame[0] = FRAME_VERSION
  frame[1] = message.apiKey!
  frame[2] = version
  body.copy(frame, 3)
  return frame
}

export interface FramedRecord {
  readonly record: MetadataRecord
  readonly version: number
}

export function decodeRecord(value: Buffer): FramedRecord {
  const [frameVersion, afterFrame] = uvarint(value, 0)
  if (frameVersion !== FRAME_VERSION)
    throw new MetadataFormatError(`frame version ${frameVersion}, 1 is known`)
  const [apiKey, afterKey] = uvarint(value, afterFrame)
  const [version, bodyStart] = uvarint(value, afterKey)
  const known = byApiKey.get(apiKey)
  if (known === undefined) {
    throw new MetadataFormatError(`metadata record type ${apiKey} is not known to this broker`)
  }
  const { type, message } = known
  if (version < message.versions[0] || version > message.versions[1]) {
    throw new MetadataFormatError(`${type} has version ${version}, ${message.versions.join('-')} are known`)
  }
  const body = readMessage(message, version, value.subarray(bodyStart))
  return { record: { type, value: body } as MetadataRecord, version }
}

function uvarint(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0
  for (let at = start, shift = 0; shift < 35; at++, shift += 7) {
    const byte = bytes[at]
    if (byte === undefined) break
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return [value >>> 0, at + 1]
  }
  throw new MetadataFormatError('a metadata record is cut within its frame')
}
