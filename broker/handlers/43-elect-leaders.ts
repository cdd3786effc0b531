/** ElectLeaders (KIP-183, KIP-460): preferred or unclean, for some partitions or for all. */
import { ElectLeaders } from '../../protocol/apis/43-elect-leaders.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  ElectLeaders,
  {
    access: { operation: 'ALTER', resourceType: 'CLUSTER' },
    // Unlike most answers with a code at the top, this one repeats it in every row.
    failed: ({ topicPartitions }, { code, message }) =>
      ElectLeaders.response.create({
        errorCode: code,
        replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
          topic,
          partitionResult: partitions.map(partitionId => ({
            partitionId,
            errorCode: code,
            errorMessage: message,
          })),
        })),
      }),
  },
  ({ controller }: { readonly controller: Controller }) =>
    async request => {
      // Nothing asked: not even the election type is looked at.
      if (request.topicPartitions?.length === 0) return ElectLeaders.response.create()
      return ElectLeaders.response.create({ replicaElectionResults: await controller.electLeaders(request) })
    },
)
