// Uuids, in the text form that Kafka prints: base64url of the 16 bytes, without padding, 22 characters.
// Answers to org.apache.kafka.common.Uuid. All text below is in that form.

export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'
/** The topic id of __cluster_metadata, bytes 0...01. Also the id Kafka reserves as ONE_UUID. */
export const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

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
    const bytes = Buffer.from(randomBytes(16))
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
    const text = bytes.toString('base64url')
    if (!text.startsWith('-')) return text
  }
}
