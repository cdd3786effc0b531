// Blocks of producer ids. Every block is a record, so no id is ever given out twice. Kafka's ProducerIdControlManager.
import type { Result } from './result.ts'
import type { ControllerState } from './state.ts'

const PRODUCER_ID_BLOCK_SIZE = 1000

export function allocateProducerIds(
  state: ControllerState,
  brokerId: number,
): Result<{ firstProducerId: bigint; count: number }> {
  const first = state.image.producerIds.nextProducerId
  const brokerEpoch = state.image.cluster.brokers.get(brokerId)?.epoch ?? -1
  return {
    records: [
      {
        type: 'ProducerIdsRecord',
        value: { brokerId, brokerEpoch, nextProducerId: first + BigInt(PRODUCER_ID_BLOCK_SIZE) },
      },
    ],
    reply: { firstProducerId: first, count: PRODUCER_ID_BLOCK_SIZE },
  }
}
