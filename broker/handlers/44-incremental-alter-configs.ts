/**
 * IncrementalAlterConfigs: sets, deletes, appends to and subtracts from single settings of topics, brokers, groups, client metrics
 * subscriptions and loggers (KIP-339, KIP-412).
 */
import { IncrementalAlterConfigs } from '../../protocol/apis/44-incremental-alter-configs.ts'
import { alter } from '../config/altering.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import type { Loggers } from '../logging/loggers.ts'
import type { MetadataSource } from '../metadata/image.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export interface Needs {
  readonly config: BrokerConfig
  readonly loggers: Loggers
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly controller: Controller
}

export default defineHandler(
  IncrementalAlterConfigs,
  { access: 'per-resource' },
  ({ config, loggers, metadata, authorizer, controller }: Needs) =>
    async ({ resources, validateOnly }, context) => {
      const responses = await alter(
        {
          config,
          loggers,
          validateOnly,
          incremental: true,
          image: metadata.current(),
          authorize: (type, name) =>
            authorizer.authorize(context, 'ALTER_CONFIGS', type, name ?? CLUSTER_NAME),
        },
        resources,
        allowed => controller.incrementalAlterConfigs(allowed, validateOnly),
      )
      return IncrementalAlterConfigs.response.create({ responses })
    },
)
