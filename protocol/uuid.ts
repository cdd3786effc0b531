// Uuids, in the text form that Kafka prints: base64url of the 16 bytes, without padding, 22 characters.
// Answers to org.apache.kafka.common.Uuid. All text below is in that form.

export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
/** The topic id of __cluster_metadata, bytes 0...01. Also the id Kafka reserves as ONE_UUID. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

/** Ids that name no log directory: of before there were ids, not chosen yet, failed (Kafka's DirectoryId, KIP-858). */
export const MIGRATING_DIRECTORY = ZERO_UUID
export const UNASSIGNED_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAQ'
export const LOST_DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAg'

/** Throws when the text is no uuid. */
export function uuidToBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 16) throw new RangeError(`not a uuid: ${JSON.stringify(text)}`)
  return bytes
}

export function uuidFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new RangeError(`a uuid has 16 bytes, not ${bytes.length}`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('base64url')
}

/**
 * A version 4 uuid. Like Kafka's, never one of the reserved ones, and never one whose text starts with a dash,
 * which command lines would take for an option.
 */
export function randomUuid(randomBytes: (size: number) => Uint8Array): string {
  for (;;) {
    const text = version4(randomBytes).toString('base64url')
    if (!text.startsWith('-')) return text
  }
}

/** A version 4 uuid in RFC 4122's form, as Kafka's member ids carry one. */
export function randomDashedUuid(randomBytes: (size: number) => Uint8Array): string {
  const hex = version4(randomBytes).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function version4(randomBytes: (size: number) => Uint8Array): Buffer {
  const bytes = Buffer.from(randomBytes(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}
