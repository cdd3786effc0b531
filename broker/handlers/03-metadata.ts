/**
 * Metadata: brokers, topics, partitions and their leaders; creates topics that do not exist when both sides allow it. Answers to
 * KafkaApis.handleTopicMetadataRequest, whose order of checks this keeps: ids to names, may describe, may create, exists.
 * KIP-78, KIP-204 (no creation), KIP-430, KIP-516, KIP-700 (cluster operations moved to DescribeCluster).
 */
import {
  Metadata,
  type MetadataRequest,
  type MetadataResponse,
  type MetadataResponseTopic,
} from '../../protocol/apis/03-metadata.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataImage, MetadataSource, TopicImage } from '../metadata/image.ts'
import {
  type Authorizer,
  authorizedOperations,
  CLUSTER_NAME,
  OPERATIONS_NOT_REQUESTED,
} from '../ports/authorizer.ts'
import type { Endpoints } from '../ports/endpoints.ts'
import type { RequestContext } from '../ports/request-context.ts'
import { AutoTopics, type AutoTopicsNeeds } from './auto-topics.ts'
import { defineHandler, RequestError } from './handler.ts'
import { partitionRows } from './partition-rows.ts'
import { absentTopicCode, isInternalTopic, isLegalTopicName, ZERO_UUID } from './rows.ts'

export interface MetadataNeeds extends AutoTopicsNeeds {
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly endpoints: Endpoints
  readonly clusterId: string
}

export default defineHandler(
  Metadata,
  {
    access: 'per-resource',
    deviations: [
      'A topic that Metadata creates is in the same answer; Kafka says UNKNOWN_TOPIC_OR_PARTITION first and creates it meanwhile.',
    ],
  },
  (needs: MetadataNeeds) => {
    const { metadata, authorizer, endpoints, config, clusterId } = needs
    const autoTopics = new AutoTopics(needs)
    return (request, context, facts) => {
      if (!facts.namelessTopics) refuseIds(request)
      const question = new Question(request, metadata.current(), authorizer, context)
      const mayCreate = request.allowAutoTopicCreation && config.get('auto.create.topics.enable')
      const missing = mayCreate ? question.splitMissing() : []
      if (missing.length === 0) return answer(question, undefined)
      return autoTopics.create(missing).then(codes => answer(question, codes))

      function answer(asked: Question, codes: ReadonlyMap<string, number> | undefined): MetadataResponse {
        // After a creation the image is a newer one.
        const image = codes === undefined ? asked.image : metadata.current()
        const brokers = endpoints.all(context)
        return {
          throttleTimeMs: 0,
          brokers: brokers.map(({ nodeId, host, port, rack }) => ({ nodeId, host, port, rack })),
          clusterId,
          // Clients send what the controller must do to any broker (KIP-590), so any live one will do.
          controllerId: brokers[0]?.nodeId ?? -1,
          topics: asked.rows(image, codes, endpoints),
          clusterAuthorizedOperations: clusterOperations(request, context, authorizer),
          errorCode: 0,
        }
      }
    }
  },
)

/** v10 and v11 have the fields, but were never meant to be asked by id. */
function refuseIds(request: MetadataRequest): void {
  for (const { name, topicId } of request.topics ?? []) {
    if (name === null) throw new RequestError(Errors.INVALID_REQUEST, 'a topic needs a name in this version')
    if (topicId !== ZERO_UUID) {
      throw new RequestError(Errors.INVALID_REQUEST, 'topics cannot be asked for by id in this version')
    }
  }
}

function clusterOperations(
  request: MetadataRequest,
  context: RequestContext,
  authorizer: Authorizer,
): number {
  if (!request.includeClusterAuthorizedOperations) return OPERATIONS_NOT_REQUESTED
  if (!authorizer.authorize(context, 'DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return 0
  return authorizedOperations(authorizer, context, 'CLUSTER', CLUSTER_NAME)
}

/** What one request asks about, sorted into what it may see, what it may not, and what is not there. */
class Question {
  readonly image: MetadataImage
  readonly #request: MetadataRequest
  readonly #authorizer: Authorizer
  readonly #context: RequestContext
  readonly #all: boolean
  readonly #byId: boolean
  readonly #unknownIds: string[] = []
  readonly #visible: string[] = []
  readonly #hidden: string[] = []
  #notCreatable: string[] = []

  constructor(
    request: MetadataRequest,
    image: MetadataImage,
    authorizer: Authorizer,
    context: RequestContext,
  ) {
    this.image = image
    this.#request = request
    this.#authorizer = authorizer
    this.#context = context
    this.#all = request.topics === null
    const ids = new Set((request.topics ?? []).map(topic => topic.topicId).filter(id => id !== ZERO_UUID))
    this.#byId = ids.size > 0
    for (const name of this.#names(ids)) {
      if (authorizer.authorize(context, 'DESCRIBE', 'TOPIC', name)) this.#visible.push(name)
      else this.#hidden.push(name)
    }
  }

  #names(ids: ReadonlySet<string>): Iterable<string> {
    if (this.#all) return this.image.topics.byName.keys()
    if (!this.#byId) return new Set(this.#request.topics!.map(topic => topic.name ?? ''))
    const names: string[] = []
    for (const id of ids) {
      const name = this.image.topics.byId.get(id)?.name
      if (name === undefined) this.#unknownIds.push(id)
      else names.push(name)
    }
    return names
  }

  /** Names to be created; those the asker may not create are set aside. */
  splitMissing(): string[] {
    if (this.#all) return []
    const missing = this.#visible.filter(
      name => !this.image.topics.byName.has(name) && isLegalTopicName(name),
    )
    if (missing.length === 0) return missing
    if (this.#authorizer.authorize(this.#context, 'CREATE', 'CLUSTER', CLUSTER_NAME)) return missing
    const mayCreate = (name: string): boolean =>
      this.#authorizer.authorize(this.#context, 'CREATE', 'TOPIC', name)
    this.#notCreatable = missing.filter(name => !mayCreate(name))
    return missing.filter(mayCreate)
  }

  rows(
    image: MetadataImage,
    codes: ReadonlyMap<string, number> | undefined,
    endpoints: Endpoints,
  ): MetadataResponseTopic[] {
    const denied = Errors.TOPIC_AUTHORIZATION_FAILED.code
    const refused = new Set(this.#notCreatable)
    return [
      ...this.#unknownIds.map(id => bare(Errors.UNKNOWN_TOPIC_ID.code, null, id, false)),
      ...this.#visible
        .filter(name => !refused.has(name))
        .map(name => this.#row(image, name, codes, endpoints)),
      ...this.#notCreatable.map(name => bare(denied, name, ZERO_UUID, isInternalTopic(name))),
      // Who may not describe a topic does not learn whether it exists; by id that is no secret.
      ...(this.#all ? [] : this.#hidden).map(name =>
        this.#byId
          ? bare(denied, null, image.topics.byName.get(name)?.id ?? ZERO_UUID, false)
          : bare(denied, name, ZERO_UUID, false),
      ),
    ]
  }

  #row(
    image: MetadataImage,
    name: string,
    codes: ReadonlyMap<string, number> | undefined,
    endpoints: Endpoints,
  ): MetadataResponseTopic {
    const topic = image.topics.byName.get(name)
    if (topic === undefined) {
      const code = codes?.get(name) || absentTopicCode(name)
      return this.#withOperations(bare(code, name, ZERO_UUID, isInternalTopic(name)))
    }
    return this.#withOperations(rowOf(topic, image, this.#context, endpoints))
  }

  #withOperations(row: MetadataResponseTopic): MetadataResponseTopic {
    if (this.#request.includeTopicAuthorizedOperations) {
      row.topicAuthorizedOperations = authorizedOperations(
        this.#authorizer,
        this.#context,
        'TOPIC',
        row.name ?? '',
      )
    }
    return row
  }
}

function rowOf(
  topic: TopicImage,
  image: MetadataImage,
  context: RequestContext,
  endpoints: Endpoints,
): MetadataResponseTopic {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: isInternalTopic(topic.name),
    partitions: partitionRows(topic, 0, Number.POSITIVE_INFINITY, { image, context, endpoints }),
    topicAuthorizedOperations: OPERATIONS_NOT_REQUESTED,
  }
}

function bare(
  errorCode: number,
  name: string | null,
  topicId: string,
  isInternal: boolean,
): MetadataResponseTopic {
  const topicAuthorizedOperations = OPERATIONS_NOT_REQUESTED
  return { errorCode, name, topicId, isInternal, partitions: [], topicAuthorizedOperations }
}
