/** What handlers are bound to on each kind of listener: the same parts, but for the answers in which Kafka tells the two apart. */
import { alterOnBroker } from '../config/altering.ts'
import { alterOnController } from '../config/altering-on-controller.ts'
import type { ListenerType } from '../handlers/handler.ts'
import { handlersOn, type Services, servedRanges } from '../handlers/registry.ts'
import type { BrokerEndpoints } from './endpoints.ts'

export type ServicesByListener = { readonly [kind in ListenerType]: Services }

export function servicesByListener(
  common: Omit<Services, 'members' | 'alterResources' | 'apiRanges'>,
  endpoints: BrokerEndpoints,
): ServicesByListener {
  const { config, loggers, metadata, authorizer, controller } = common
  return {
    broker: {
      ...common,
      members: endpoints.brokers,
      alterResources: alterOnBroker({ config, loggers, metadata, authorizer }),
      apiRanges: () => servedRanges(handlersOn('broker')),
    },
    controller: {
      ...common,
      members: endpoints.controllers(() => controller.describeQuorum().leaderId),
      alterResources: alterOnController({ nodeId: config.nodeId, loggers, authorizer }),
      apiRanges: () => servedRanges(handlersOn('controller')),
    },
  }
}
