/** AlterPartitionReassignments (KIP-455): starts and cancels. With one broker there is nowhere to move to, and it says so. */
import { AlterPartitionReassignments } from '../../protocol/apis/45-alter-partition-reassignments.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  AlterPartitionReassignments,
  { access: { operation: 'ALTER', resourceType: 'CLUSTER' } },
  ({ controller }: { readonly controller: Controller }) =>
    async request => {
      if (request.topics.length === 0) return AlterPartitionReassignments.response.create()
      return AlterPartitionReassignments.response.create({
        allowReplicationFactorChange: request.allowReplicationFactorChange,
        errorMessage: null,
        responses: await controller.alterPartitionReassignments(request),
      })
    },
)
