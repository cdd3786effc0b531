// `partition.metadata` in a partition's directory: the id of the topic that the records belong to. A topic that was
// deleted and made again has another id, which is how a leftover directory is known for a stray.
//
//   version: 0
//   topic_id: tjNPb5PrTuaxBdOdSMDqJA
//
// Answers to Kafka's PartitionMetadataFile (KIP-516). Not fsynced when a partition is made: the metadata log is the
// commit point, and a missing or torn file reads as "unknown" and is written again from the image.
import { ZERO_UUID } from '../protocol/uuid.ts'
import { type FileSystem, hasCode } from './fs/port.ts'

export const PARTITION_METADATA = 'partition.metadata'
const VERSION = 0
const UUID = /^[A-Za-z0-9_-]{22}$/

export function encodePartitionMetadata(topicId: string): Buffer {
  return Buffer.from(`version: ${VERSION}\ntopic_id: ${topicId}`)
}

/** The topic id, or undefined when the bytes do not say it. */
export function decodePartitionMetadata(bytes: Buffer): string | undefined {
  const [version, topicId, ...rest] = bytes.toString('utf8').trimEnd().split(/\r?\n/)
  if (version !== `version: ${VERSION}` || topicId === undefined || rest.length > 0) return undefined
  const id = topicId.startsWith('topic_id: ') ? topicId.slice('topic_id: '.length) : ''
  return UUID.test(id) && id !== ZERO_UUID ? id : undefined
}

export function readPartitionMetadata(fs: FileSystem, directory: string): string | undefined {
  try {
    return decodePartitionMetadata(fs.readFile(`${directory}/${PARTITION_METADATA}`))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

export function writePartitionMetadata(fs: FileSystem, directory: string, topicId: string): void {
  fs.replaceFile(`${directory}/${PARTITION_METADATA}`, encodePartitionMetadata(topicId))
}
