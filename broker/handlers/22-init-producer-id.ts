/**
 * InitProducerId for idempotent producers: a fresh id with epoch 0 (KIP-98). A producer that brings back an id after an error gets a
 * fresh one too (KIP-360), as from Kafka when it is not transactional.
 */
import { InitProducerId } from '../../protocol/apis/22-init-producer-id.ts'
import { Errors } from '../../protocol/errors.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { ProducerIds } from '../ports/producer-ids.ts'
import { defineHandler, RequestError } from './handler.ts'

export interface Needs {
  readonly producerIds: ProducerIds
  readonly authorizer: Authorizer
}

export default defineHandler(
  InitProducerId,
  {
    access: 'per-resource',
    failed: (_request, { code }) =>
      InitProducerId.response.create({ errorCode: code, producerId: -1n, producerEpoch: -1 }),
    deviations: ['Transactions are not served yet: a transactional id is answered with UNSUPPORTED_VERSION.'],
  },
  ({ producerIds, authorizer }: Needs) =>
    async ({ transactionalId, producerId, producerEpoch }, context) => {
      if (transactionalId !== null) {
        if (!authorizer.authorize(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)) {
          throw new RequestError(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        }
        if (transactionalId === '') throw new RequestError(Errors.INVALID_REQUEST)
        throw new RequestError(Errors.UNSUPPORTED_VERSION)
      }
      const mayWrite =
        authorizer.authorize(context, 'IDEMPOTENT_WRITE', 'CLUSTER', CLUSTER_NAME) ||
        authorizer.authorizeByResourceType(context, 'WRITE', 'TOPIC')
      if (!mayWrite) throw new RequestError(Errors.CLUSTER_AUTHORIZATION_FAILED)
      if ((producerId === -1n) !== (producerEpoch === -1)) throw new RequestError(Errors.INVALID_REQUEST)
      return InitProducerId.response.create({ producerId: await producerIds.next(), producerEpoch: 0 })
    },
)
