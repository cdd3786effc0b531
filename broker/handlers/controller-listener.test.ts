// Handlers whose answer is another one on a controller's listener: who may ask there, and from when on there is an answer.
import { expect, test } from 'vitest'
import { DescribeCluster } from '../../protocol/apis/60-describe-cluster.ts'
import { Errors } from '../../protocol/errors.ts'
import { alterOnController } from '../config/altering-on-controller.ts'
import { Loggers } from '../logging/loggers.ts'
import { since } from '../metadata/features.ts'
import { ConfigResourceType, EMPTY_IMAGE } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { ConfigResource } from '../ports/controller.ts'
import describeCluster from './60-describe-cluster.ts'
import { handlersOn } from './registry.ts'
import { contextOf } from './testing/data-rig.ts'

/** Grants what is in the list, as `OPERATION TYPE`. */
const granting = (...grants: string[]): Authorizer => ({
  enabled: true,
  authorize: (_context, operation, type) => grants.includes(`${operation} ${type}`),
  authorizeByResourceType: () => false,
})

const FACTS = { endpointTypes: true, fencedBrokers: true }
const controllers = { are: 'controllers', live: () => [], fenced: () => [], controllerId: () => 1 } as const

function tellOfControllers(metadataVersion: number, authorizer: Authorizer) {
  const image = { ...EMPTY_IMAGE, features: { metadataVersion, finalized: new Map() } }
  const handle = describeCluster.bind({
    ...{ authorizer, members: controllers, clusterId: 'c' },
    metadata: { current: () => image },
  })
  return () => handle(DescribeCluster.request.create({ endpointType: 2 }), contextOf(), FACTS)
}

test('controllers are told of to those who may alter the cluster, as soon as they register', () => {
  const { CLUSTER_AUTHORIZATION_FAILED, UNSUPPORTED_VERSION } = Errors
  const old = since.controllerRegistration - 1
  const may = granting('ALTER CLUSTER')
  expect(tellOfControllers(since.controllerRegistration, may)()).toMatchObject({ controllerId: 1 })
  expect(tellOfControllers(since.controllerRegistration, granting('DESCRIBE CLUSTER'))).toThrow(
    expect.objectContaining({ code: CLUSTER_AUTHORIZATION_FAILED.code }),
  )
  expect(tellOfControllers(old, may)).toThrow(expect.objectContaining({ code: UNSUPPORTED_VERSION.code }))
  // The level is looked at first, as Kafka does.
  expect(tellOfControllers(old, granting())).toThrow(
    expect.objectContaining({ code: UNSUPPORTED_VERSION.code }),
  )
})

test('who may not change a resource is refused before the controller is asked', async () => {
  const asked: unknown[] = []
  const alter = async (incremental: boolean, ...grants: string[]): Promise<number[]> => {
    const authorizer = granting(...grants)
    const change = alterOnController({ nodeId: 1, loggers: new Loggers(), authorizer })
    const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType
    const resources = [TOPIC, BROKER, CLIENT_METRICS, GROUP, BROKER_LOGGER].map(resourceType => ({
      ...{ resourceType, resourceName: '1' },
      configs: [],
    }))
    const rows = await change(
      { context: contextOf(), validateOnly: true, incremental },
      resources,
      async (open: readonly ConfigResource[]) => {
        asked.push(...open.map(({ resourceType }) => resourceType))
        return open.map(({ resourceType, resourceName }) => ({
          ...{ resourceType, resourceName, errorCode: 0, errorMessage: null },
        }))
      },
    )
    return rows.map(({ errorCode }) => errorCode)
  }
  const { TOPIC_AUTHORIZATION_FAILED: topic, GROUP_AUTHORIZATION_FAILED: group } = Errors
  const { CLUSTER_AUTHORIZATION_FAILED: cluster, INVALID_REQUEST: invalid } = Errors
  expect(await alter(true)).toEqual([topic.code, cluster.code, cluster.code, group.code, cluster.code])
  expect(await alter(false, 'ALTER_CONFIGS TOPIC', 'CLUSTER_ACTION CLUSTER')).toEqual([
    ...[cluster.code, cluster.code, group.code, invalid.code],
    0,
  ])
  expect(asked).toEqual([ConfigResourceType.TOPIC])
  expect(await alter(true, 'ALTER_CONFIGS GROUP', 'CLUSTER_ACTION CLUSTER')).toEqual([
    ...[topic.code, cluster.code, cluster.code],
    ...[0, 0],
  ])
})

test('a listener serves what Kafka’s definitions allow it, and the quorum’s own requests nowhere', () => {
  for (const kind of ['broker', 'controller'] as const)
    for (const { api } of handlersOn(kind))
      expect([api.name, api.listeners.includes(kind)]).toEqual([api.name, true])
  expect(handlersOn('controller').filter(({ listeners }) => !listeners.includes('broker'))).toEqual([])
})
