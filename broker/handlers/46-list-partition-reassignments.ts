/** ListPartitionReassignments (KIP-455): what is under way, out of the image. */
import { ListPartitionReassignments } from '../../protocol/apis/46-list-partition-reassignments.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  ListPartitionReassignments,
  { access: { operation: 'DESCRIBE', resourceType: 'CLUSTER' } },
  ({ controller }: { readonly controller: Controller }) =>
    async ({ topics }) =>
      ListPartitionReassignments.response.create({
        errorMessage: null,
        topics: await controller.listPartitionReassignments(topics),
      }),
)
