/**
 * IncrementalAlterConfigs: sets, deletes, appends to and subtracts from single settings of topics, brokers, groups, client metrics
 * subscriptions and loggers (KIP-339, KIP-412).
 */
import { IncrementalAlterConfigs } from '../../protocol/apis/44-incremental-alter-configs.ts'
import type { AlterResources } from '../config/altering.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export interface Needs {
  readonly alterResources: AlterResources
  readonly controller: Controller
}

export default defineHandler(
  IncrementalAlterConfigs,
  {
    access: 'per-resource',
    deviations: [
      'On the controller’s listener an operation that does not exist is refused with INVALID_REQUEST; in Kafka it is an UNKNOWN_SERVER_ERROR, and the controller resigns.',
    ],
  },
  ({ alterResources, controller }: Needs) =>
    async ({ resources, validateOnly }, context) => {
      const responses = await alterResources(
        { context, validateOnly, incremental: true },
        resources,
        allowed => controller.incrementalAlterConfigs(allowed, validateOnly),
      )
      return IncrementalAlterConfigs.response.create({ responses })
    },
)
