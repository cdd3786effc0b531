// What the rest of the broker may ask of the controller: Kafka's own requests and responses, answered later.
//
// An answer is given once the records behind it are committed AND the local image has published them, so who asks and then
// looks at the image sees its own change. Today the controller is embedded; the same interface can be a connection to a
// quorum (DESIGN §4.4). Kafka's org.apache.kafka.controller.Controller.

import type { MetadataImage } from '../metadata/image.ts'

/** Who asks. Authorization has happened already, in the handler. */
export interface ControllerRequestContext {
  readonly principal: { readonly type: string; readonly name: string }
  /** Epoch milliseconds after which the answer is REQUEST_TIMED_OUT; absent: no limit. */
  readonly deadlineMs?: number
}

export interface CreatableTopic {
  readonly name: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly assignments: readonly { readonly partitionIndex: number; readonly brokerIds: readonly number[] }[]
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

export interface CreateTopicsCommand {
  readonly topics: readonly CreatableTopic[]
  readonly validateOnly: boolean
}

export interface CreatableTopicResult {
  name: string
  topicId: string
  errorCode: number
  errorMessage: string | null
  topicConfigErrorCode: number
  numPartitions: number
  replicationFactor: number
  configs: {
    name: string
    value: string | null
    readOnly: boolean
    configSource: number
    isSensitive: boolean
  }[]
}

export interface ResultRow {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** SET 0, DELETE 1, APPEND 2, SUBTRACT 3: AlterConfigOp.OpType. */
export interface ConfigOperation {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

export interface ConfigResource {
  readonly resourceType: number
  readonly resourceName: string
}

/** One controller's side of the embedded or remote controller. Row order is the request's. */
export interface Controller {
  /** `describable`: names whose configs the asker may see in the answer. */
  createTopics(
    request: CreateTopicsCommand,
    context: ControllerRequestContext,
    describable?: (topic: string) => boolean,
  ): Promise<CreatableTopicResult[]>
  deleteTopics(ids: readonly string[], context: ControllerRequestContext): Promise<Map<string, ResultRow>>
  createPartitions(
    topics: readonly {
      readonly name: string
      readonly count: number
      readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null
    }[],
    context: ControllerRequestContext,
    validateOnly: boolean,
  ): Promise<(ResultRow & { readonly name: string })[]>
  incrementalAlterConfigs(
    resources: readonly (ConfigResource & { readonly configs: readonly ConfigOperation[] })[],
    context: ControllerRequestContext,
    validateOnly: boolean,
  ): Promise<(ResultRow & ConfigResource)[]>
  /** The old call: what is not named is deleted. */
  alterConfigs(
    resources: readonly (ConfigResource & {
      readonly configs: readonly { readonly name: string; readonly value: string | null }[]
    })[],
    context: ControllerRequestContext,
    validateOnly: boolean,
  ): Promise<(ResultRow & ConfigResource)[]>
  /** A block of producer ids for this broker: [first, first + count). */
  allocateProducerIds(): Promise<{ readonly firstProducerId: bigint; readonly count: number }>
}

/**
 * What the config table tells the controller about names and values. Implemented in broker/config. `image` is the controller's own,
 * which may be ahead of the published one.
 */
export interface ConfigSchema {
  /** Checks all overrides the resource would have; what is wrong with them, or null. */
  validate(resource: ConfigResource, overrides: ReadonlyMap<string, string>): string | null
  /** For CreateTopics' answer: every topic setting with the value it would have, sorted by name. */
  effectiveTopicConfigs(
    overrides: ReadonlyMap<string, string>,
    image: MetadataImage,
  ): CreatableTopicResult['configs']
  /** The value in force for a topic: its override, else this broker's, else the cluster's, else the static one. */
  topicValue(image: MetadataImage, topic: string, name: string): string
  /** Whether APPEND and SUBTRACT are legal. */
  isList(resourceType: number, name: string): boolean
  /** What APPEND appends to when nothing is set. */
  defaultValue(resourceType: number, name: string): string | null
}
