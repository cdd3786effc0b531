/** ElectLeaders (KIP-183, KIP-460): preferred or unclean, for some partitions or for all. */
import { ElectLeaders } from '../../protocol/apis/43-elect-leaders.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  ElectLeaders,
  { access: { operation: 'ALTER', resourceType: 'CLUSTER' } },
  ({ controller }: { readonly controller: Controller }) =>
    async request =>
      ElectLeaders.response.create({ replicaElectionResults: await controller.electLeaders(request) }),
)
