// InitProducerId: gives out a producer id, or raises the epoch of a transactional one (KIP-98, KIP-360). v6
// belongs to two-phase commit (KIP-939), which the reference still calls unstable.

import { Errors } from '../errors.ts'
import { defineApi } from '../schema/message.ts'
import { bool, int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const initProducerIdRequest = struct({
  transactionalId: string.nullable().entity('transactionalId'),
  transactionTimeoutMs: int32,
  producerId: int64.since(3).default(-1n).entity('producerId'),
  producerEpoch: int16.since(3).default(-1),
  enable2Pc: bool.since(6),
  keepPreparedTxn: bool.since(6),
})
export interface InitProducerIdRequest extends Value<typeof initProducerIdRequest> {}

const initProducerIdResponse = struct({
  throttleTimeMs: int32.ignorable(),
  errorCode: int16,
  producerId: int64.default(-1n).entity('producerId'),
  producerEpoch: int16,
  ongoingTxnProducerId: int64.since(6).default(-1n).entity('producerId'),
  ongoingTxnProducerEpoch: int16.since(6).default(-1),
})
export interface InitProducerIdResponse extends Value<typeof initProducerIdResponse> {}

/** What a version brought that handlers must know. */
const means = { fencedErrors: 4, transactionErrors: 5, twoPhaseCommit: 6 } as const

/** Older producers do not know PRODUCER_FENCED. */
function downgrade(response: InitProducerIdResponse, version: number): void {
  if (version < means.fencedErrors && response.errorCode === Errors.PRODUCER_FENCED.code) {
    response.errorCode = Errors.INVALID_PRODUCER_EPOCH.code
  }
  if (version < means.twoPhaseCommit) {
    response.ongoingTxnProducerId = -1n
    response.ongoingTxnProducerEpoch = -1
  }
}

export const InitProducerId = defineApi<InitProducerIdRequest, InitProducerIdResponse, keyof typeof means>({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 5],
  latestUnstable: 6,
  flexibleFrom: 2,
  listeners: ['broker'],
  request: initProducerIdRequest,
  response: initProducerIdResponse,
  means,
  downgrade,
})
