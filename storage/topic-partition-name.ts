// The names of partition directories, and what their endings mean:
//   orders-0                                        the log
//   orders-0.643e43c550084acab138db4267715e20-delete   given up, removed after file.delete.delay.ms
//   orders-0.…-stray                                not ours according to the metadata; kept for the operator
//   orders-0.…-future                               a copy under way from another log directory
// With the 32 digits and the ending the name must fit in 255 characters, so a long topic name is cut for
// -delete and -stray.
// Answers to Kafka's LocalLog.parseTopicPartitionName and logDeleteDirName.
import type { TopicPartition } from './log.ts'

export type PartitionDirectoryKind = 'current' | 'delete' | 'stray' | 'future'

export interface PartitionDirectoryName {
  readonly topic: string
  readonly partition: number
  readonly kind: PartitionDirectoryKind
}

const SUFFIXED = /^(\S+)-(\d{1,10})\.[^\s.]+-(delete|stray|future)$/
const PLAIN = /^(\S+)-(\d{1,10})$/
const MAX_NAME = 255

export function partitionDirectoryName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** `uuid` is 32 hexadecimal digits. */
export function suffixedDirectoryName(
  topicPartition: TopicPartition,
  uuid: string,
  kind: 'delete' | 'stray' | 'future',
): string {
  const ending = `.${uuid}-${kind}`
  const numbered = `-${topicPartition.partition}`
  // Kafka cuts the topic and keeps the partition.
  const topic = topicPartition.topic.slice(0, MAX_NAME - ending.length - numbered.length)
  return `${topic}${numbered}${ending}`
}

/** Undefined for a name that no partition directory has. */
export function parsePartitionDirectoryName(name: string): PartitionDirectoryName | undefined {
  const suffixed = SUFFIXED.exec(name)
  if (suffixed !== null) {
    const kind = suffixed[3] as PartitionDirectoryKind
    return { topic: suffixed[1]!, partition: Number(suffixed[2]), kind }
  }
  const plain = PLAIN.exec(name)
  return plain === null ? undefined : { topic: plain[1]!, partition: Number(plain[2]), kind: 'current' }
}
