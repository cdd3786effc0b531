/**
 * AlterConfigs, the old call: a resource gets exactly the settings it names. Superseded by IncrementalAlterConfigs (KIP-133, KIP-339).
 */
import { AlterConfigs } from '../../protocol/apis/33-alter-configs.ts'
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
  AlterConfigs,
  { access: 'per-resource' },
  ({ config, loggers, metadata, authorizer, controller }: Needs) =>
    async ({ resources, validateOnly }, context) => {
      const responses = await alter(
        {
          config,
          loggers,
          validateOnly,
          incremental: false,
          image: metadata.current(),
          authorize: (type, name) =>
            authorizer.authorize(context, 'ALTER_CONFIGS', type, name ?? CLUSTER_NAME),
        },
        resources,
        allowed => controller.alterConfigs(allowed, validateOnly),
      )
      return AlterConfigs.response.create({ responses })
    },
)
