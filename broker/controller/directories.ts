// Which log directory a replica lies in, as its broker tells when it has moved one. Kafka's handleAssignReplicasToDirs (KIP-858).
import { Errors } from '../../protocol/errors.ts'
import { UNASSIGNED_DIRECTORY } from '../../protocol/uuid.ts'
import { since } from '../metadata/features.ts'
import type { CommandContext } from './context.ts'
import { changeOf, hasOnlineReplica } from './leadership.ts'
import { partitionChange } from './partition-change.ts'
import { isActive } from './placement.ts'
import { ControllerError, type Result } from './result.ts'
import type { ControllerState } from './state.ts'

export interface ReplicaAssignment {
  readonly brokerId: number
  readonly topicId: string
  readonly partition: number
  readonly directoryId: string
}

export function assignReplicaToDirectory(
  { image }: ControllerState,
  { brokerId, topicId, partition, directoryId }: ReplicaAssignment,
  context: CommandContext,
): Result<void> {
  const topic = image.topics.byId.get(topicId)
  const isReplica = topic?.partitions.get(partition)?.replicas.includes(brokerId) ?? false
  if (topic === undefined || !isReplica) throw new ControllerError(Errors.UNKNOWN_TOPIC_OR_PARTITION)
  // Before, records had no room for directories.
  if (image.features.metadataVersion < since.directoryAssignment) return { records: [], reply: undefined }
  const before = topic.partitions.get(partition)!
  const after = {
    ...before,
    directories: before.replicas.map((replica, at) =>
      replica === brokerId ? directoryId : (before.directories[at] ?? UNASSIGNED_DIRECTORY),
    ),
  }
  // Who may lead follows from where the replica is now: out of a directory that failed, it may again.
  const record = partitionChange({
    ...changeOf(image, topic, partition, context),
    isAcceptableLeader: id => isActive(image.cluster.brokers.get(id)) && hasOnlineReplica(image, after, id),
    directories: new Map([[brokerId, directoryId]]),
  })
  return { records: record === undefined ? [] : [record], reply: undefined }
}
