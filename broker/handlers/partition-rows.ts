/**
 * A topic's partitions as Metadata and DescribeTopicPartitions show them to one client: leaders it can reach on its own listener, and
 * which replicas are offline. Answers to KRaftMetadataCache.getPartitionMetadata.
 */
import { Errors } from '../../protocol/errors.ts'
import { MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../../protocol/uuid.ts'
import type {
  BrokerRegistration,
  MetadataImage,
  PartitionRegistration,
  TopicImage,
} from '../metadata/image.ts'
import type { Endpoints } from '../ports/endpoints.ts'
import type { RequestContext } from '../ports/request-context.ts'

export interface PartitionRow {
  errorCode: number
  partitionIndex: number
  leaderId: number
  leaderEpoch: number
  replicaNodes: number[]
  isrNodes: number[]
  offlineReplicas: number[]
  eligibleLeaderReplicas: number[]
  lastKnownElr: number[]
}

interface Seen {
  readonly image: MetadataImage
  readonly context: RequestContext
  readonly endpoints: Endpoints
}

/** Rows of the partitions from `start` on, at most `limit` of them, by index. */
export function partitionRows(topic: TopicImage, start: number, limit: number, seen: Seen): PartitionRow[] {
  const end = Math.min(topic.partitions.size, start + limit)
  const rows: PartitionRow[] = []
  // Leaders repeat: each is looked up once.
  const codes = new Map<number, number>()
  for (let index = start; index < end; index++) {
    const partition = topic.partitions.get(index)
    if (partition !== undefined) rows.push(rowOf(index, partition, seen, codes))
  }
  return rows
}

function rowOf(
  partitionIndex: number,
  partition: PartitionRegistration,
  seen: Seen,
  codes: Map<number, number>,
): PartitionRow {
  let errorCode = codes.get(partition.leader)
  if (errorCode === undefined) {
    errorCode = leaderCode(partition.leader, seen)
    codes.set(partition.leader, errorCode)
  }
  return {
    errorCode,
    partitionIndex,
    leaderId: errorCode === 0 ? partition.leader : -1,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: [...partition.replicas],
    isrNodes: [...partition.isr],
    offlineReplicas: partition.replicas.filter((id, i) => isOffline(id, partition.directories[i], seen)),
    eligibleLeaderReplicas: [...partition.elr],
    lastKnownElr: [...partition.lastKnownElr],
  }
}

function leaderCode(leader: number, { image, context, endpoints }: Seen): number {
  if (endpoints.endpointOf(leader, context) !== undefined) return 0
  const broker = image.cluster.brokers.get(leader)
  return broker === undefined || broker.fenced
    ? Errors.LEADER_NOT_AVAILABLE.code
    : Errors.LISTENER_NOT_FOUND.code
}

function isOffline(id: number, directory: string | undefined, { image, context, endpoints }: Seen): boolean {
  const broker = image.cluster.brokers.get(id)
  if (broker === undefined || endpoints.endpointOf(id, context) === undefined) return true
  return directory !== undefined && !hasOnlineDirectory(broker, directory)
}

/** A broker that names no directories, or a replica without one, gets the benefit of the doubt (DirectoryId in Kafka). */
function hasOnlineDirectory(broker: BrokerRegistration, directory: string): boolean {
  return (
    broker.directories.length === 0 ||
    directory === MIGRATING_DIRECTORY ||
    directory === UNASSIGNED_DIRECTORY ||
    broker.directories.includes(directory)
  )
}
