// A small broker around the handlers of groups and offsets: a real coordinator on a log in memory, an image with a few
// topics, an authorizer and endpoints that a test can change. Requests go through the codec both ways, at a version.

import { readMessage, writeMessage } from '../../../protocol/codec/message.ts'
import { errorOf } from '../../../protocol/errors.ts'
import { factsAt } from '../../../protocol/schema/message.ts'
import { BrokerConfig } from '../../config/broker-config.ts'
import { SINGLE_NODE_PROFILE } from '../../config/sources.ts'
import { SILENT } from '../../coordinators/group/config.ts'
import { GroupHarness } from '../../coordinators/group/testing.ts'
import { CoordinatorTopics } from '../../coordinators/internal-topics.ts'
import { EMPTY_IMAGE, type MetadataImage, type PartitionRegistration } from '../../metadata/image.ts'
import type { Authorizer } from '../../ports/authorizer.ts'
import type { Controller, CreatableTopicResult, CreateTopicsCommand } from '../../ports/controller.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import { ANONYMOUS, FREE_TICKET, type RequestContext } from '../../ports/request-context.ts'
import { RequestError } from '../../ports/request-error.ts'
import { allowAll } from '../../security/allow-all.ts'
import { failedResponse } from '../failed.ts'
import type { AnyApi, HandlerDefinition, RequestOf, ResponseOf } from '../handler.ts'

const CONTEXT: RequestContext = {
  clientId: 'tester',
  principal: ANONYMOUS,
  listener: 'PLAINTEXT',
  securityProtocol: 'PLAINTEXT',
  clientAddress: '127.0.0.1',
  localAddress: { host: '127.0.0.1', port: 9092 },
  connectionId: 'c',
  correlationId: 1,
  clientSoftwareName: 'unknown',
  clientSoftwareVersion: 'unknown',
  ticket: FREE_TICKET,
}

export const ORDERS_ID = 'AAAAAAAAAAAAAAAAAAAAAg'
export const OTHER_ID = 'AAAAAAAAAAAAAAAAAAAAAw'

function partition(leader: number): PartitionRegistration {
  return {
    replicas: [1],
    directories: [],
    isr: [1],
    elr: [],
    lastKnownElr: [],
    addingReplicas: [],
    removingReplicas: [],
    leader,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 0,
  }
}

export function imageOf(...topics: { name: string; id: string; leaders: number[] }[]): MetadataImage {
  const images = topics.map(({ name, id, leaders }) => ({
    name,
    id,
    partitions: new Map(leaders.map((leader, index) => [index, partition(leader)])),
  }))
  return {
    ...EMPTY_IMAGE,
    topics: {
      byId: new Map(images.map(topic => [topic.id, topic])),
      byName: new Map(images.map(topic => [topic.name, topic])),
    },
  }
}

export const ORDERS = { name: 'orders', id: ORDERS_ID, leaders: [1, 1] }

export function allowing(allowed: (what: string) => boolean): Authorizer {
  return {
    enabled: true,
    authorize: (_, operation, type, name) => allowed(`${operation} ${type} ${name}`),
    authorizeByResourceType: () => true,
  }
}

export class World {
  readonly harness = new GroupHarness()
  image = imageOf(ORDERS)
  authorizer: Authorizer = allowAll
  readonly created: CreateTopicsCommand[] = []
  answerCreate: (() => void) | undefined
  readonly endpoints: Endpoints = {
    endpointFor: () => ({ nodeId: 1, host: 'here', port: 9092, rack: null }),
    endpointOf: nodeId => (nodeId === 1 ? { nodeId, host: 'here', port: 9092, rack: null } : undefined),
    all: () => [],
    fenced: () => [],
  }
  readonly controller: Pick<Controller, 'createTopics'> = {
    createTopics: command => {
      this.created.push(command)
      return new Promise<CreatableTopicResult[]>(resolve => {
        this.answerCreate = () => resolve([])
      })
    },
  }
  readonly internalTopics = new CoordinatorTopics(
    this.controller,
    new BrokerConfig([SINGLE_NODE_PROFILE]),
    SILENT,
  )

  /** A request on its way through a handler, as the pipeline would bring it, answer encoded and read back. */
  async call<A extends AnyApi, N>(
    handler: HandlerDefinition<A, N>,
    version: number,
    partial: object,
    clientId = CONTEXT.clientId,
  ): Promise<ResponseOf<A>> {
    const { api } = handler
    const request = readMessage(
      api.request,
      version,
      writeMessage(api.request, version, api.request.create(partial)),
    ) as RequestOf<A>
    api.upgrade?.(request, version)
    const needs = {
      groups: this.harness.service,
      metadata: { current: () => this.image },
      authorizer: this.authorizer,
      endpoints: this.endpoints,
      internalTopics: this.internalTopics,
    }
    const handle = handler.bind(needs as unknown as N)
    const response = (await handle(
      request,
      { ...CONTEXT, clientId },
      factsAt(api as never, version) as never,
    )) as ResponseOf<A>
    api.downgrade?.(response, version)
    return readMessage(api.response, version, writeMessage(api.response, version, response)) as ResponseOf<A>
  }

  /** The same, and a request that failed as a whole answers in the api's shape, as the pipeline would answer it. */
  async answer<A extends AnyApi, N>(
    handler: HandlerDefinition<A, N>,
    version: number,
    partial: object,
    clientId: string,
  ): Promise<object> {
    try {
      return await this.call(handler, version, partial, clientId)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      const { api } = handler
      const failure = { code: error.code, message: error.detail ?? errorOf(error.code).message }
      const request = api.request.create(partial)
      api.upgrade?.(request, version)
      const response =
        handler.failed?.(request as RequestOf<A>, failure) ??
        failedResponse(api.response, request, version, failure)
      api.downgrade?.(response, version)
      return readMessage(api.response, version, writeMessage(api.response, version, response)) as object
    }
  }
}
