// ElectLeaders: preferred and unclean elections on request. Kafka's ReplicationControlManager.electLeaders, KIP-460.
import type { ElectLeadersRequest, ReplicaElectionResult } from '../../protocol/apis/43-elect-leaders.ts'
import { Errors } from '../../protocol/errors.ts'
import { NO_LEADER, type TopicImage } from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import type { CommandContext } from './context.ts'
import { changeOf } from './leadership.ts'
import { partitionChange } from './partition-change.ts'
import { type ApiError, apiError, boundRecords, ControllerError, NO_ERROR, type Result } from './result.ts'
import type { ControllerState } from './state.ts'

const PREFERRED = 0
const UNCLEAN = 1

export function electLeaders(
  state: ControllerState,
  request: ElectLeadersRequest,
  context: CommandContext,
): Result<ReplicaElectionResult[]> {
  const { electionType, topicPartitions } = request
  if (electionType !== PREFERRED && electionType !== UNCLEAN) {
    throw new ControllerError(Errors.INVALID_REQUEST, `Unknown election type ${electionType}`)
  }
  const { byName } = state.image.topics
  const asked =
    topicPartitions ??
    [...byName.values()].map(topic => ({ topic: topic.name, partitions: [...topic.partitions.keys()] }))
  const records: MetadataRecord[] = []
  const reply: ReplicaElectionResult[] = asked.map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions
      .map(partitionId => {
        const error = electLeader(
          state,
          byName.get(topic),
          topic,
          partitionId,
          electionType,
          records,
          context,
        )
        return { partitionId, ...error }
      })
      // Asked for all: only what was elected, or should have been, is worth a row.
      .filter(row => topicPartitions !== null || row.errorCode !== Errors.ELECTION_NOT_NEEDED.code),
  }))
  boundRecords(records.length)
  return { records, reply }
}

function electLeader(
  state: ControllerState,
  topic: TopicImage | undefined,
  name: string,
  partitionId: number,
  electionType: number,
  records: MetadataRecord[],
  context: CommandContext,
): ApiError {
  if (topic === undefined) return apiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `No such topic as ${name}`)
  const partition = topic.partitions.get(partitionId)
  if (partition === undefined) {
    return apiError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `No such partition as ${name}-${partitionId}`)
  }
  const hasPreferredLeader = partition.leader === partition.replicas[0]
  if (electionType === PREFERRED ? hasPreferredLeader : partition.leader !== NO_LEADER) {
    return apiError(Errors.ELECTION_NOT_NEEDED)
  }
  const record = partitionChange({
    ...changeOf(state.image, topic, partitionId, context),
    election: electionType === PREFERRED ? 'preferred' : 'unclean',
  })
  if (record === undefined) {
    const error =
      electionType === PREFERRED
        ? Errors.PREFERRED_LEADER_NOT_AVAILABLE
        : Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE
    return apiError(error)
  }
  records.push(record)
  return NO_ERROR
}
