/** UnregisterBroker (KIP-631): forgets a broker that will not come back. */
import { UnregisterBroker } from '../../protocol/apis/64-unregister-broker.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  UnregisterBroker,
  {
    access: { operation: 'ALTER', resourceType: 'CLUSTER' },
    deviations: [
      'The running broker itself is not unregistered (INVALID_REQUEST): there is no other to lead its partitions.',
    ],
  },
  ({ controller }: { readonly controller: Controller }) =>
    async ({ brokerId }) => {
      await controller.unregisterBroker(brokerId)
      return UnregisterBroker.response.create({ errorMessage: null })
    },
)
