/** DescribeQuorum (KIP-595, KIP-836): one voter, this node, which leads and has everything. */
import { DescribeQuorum } from '../../protocol/apis/55-describe-quorum.ts'
import { Errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { Controller } from '../ports/controller.ts'
import { METADATA_TOPIC } from '../ports/internal-topics.ts'
import { defineHandler } from './handler.ts'

export interface Needs {
  readonly controller: Controller
  readonly metadata: MetadataSource
}

export default defineHandler(
  DescribeQuorum,
  { access: { operation: 'DESCRIBE', resourceType: 'CLUSTER' } },
  ({ controller, metadata }: Needs) =>
    ({ topics }) => {
      const [topic] = topics
      const isOurs =
        topics.length === 1 &&
        topic!.topicName === METADATA_TOPIC &&
        topic!.partitions.length === 1 &&
        topic!.partitions[0]!.partitionIndex === 0
      if (!isOurs) {
        const { code: errorCode, message: errorMessage } = Errors.UNKNOWN_TOPIC_OR_PARTITION
        return DescribeQuorum.response.create({
          topics: topics.map(({ topicName, partitions }) => ({
            topicName,
            partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
          })),
        })
      }
      const quorum = controller.describeQuorum()
      const now = BigInt(quorum.timestampMs)
      const voter = {
        replicaId: quorum.leaderId,
        // With static voters the quorum knows no directories.
        replicaDirectoryId: quorum.kraftVersion > 0 ? quorum.directoryId : ZERO_UUID,
        logEndOffset: quorum.logEndOffset,
        lastFetchTimestamp: now,
        lastCaughtUpTimestamp: now,
      }
      const { leaderId, leaderEpoch, highWatermark } = quorum
      const partition = { partitionIndex: 0, leaderId, leaderEpoch, highWatermark, currentVoters: [voter] }
      const endpoints = metadata.current().cluster.controllers.get(leaderId)?.endpoints ?? []
      return DescribeQuorum.response.create({
        topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }],
        nodes: [
          { nodeId: leaderId, listeners: endpoints.map(({ name, host, port }) => ({ name, host, port })) },
        ],
      })
    },
)
