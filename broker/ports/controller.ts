// What the rest of the broker may ask of the controller, in the terms of Kafka's requests and responses, answered later.
//
// An answer is given once the records behind it are committed AND this broker's image has been published with them, so whoever asks
// and then looks at the image sees the change. Today the controller is embedded; the same interface can be a connection to a
// quorum (DESIGN 4.4). Kafka's org.apache.kafka.controller.Controller.
//
// A row's error is in its row. What concerns the whole request rejects with a RequestError.
import type {
  CreatableTopicResult as CreatableTopicResultRow,
  CreateTopicsRequest,
} from '../../protocol/apis/19-create-topics.ts'
import type { CreatePartitionsTopic } from '../../protocol/apis/37-create-partitions.ts'
import type { ElectLeadersRequest, ReplicaElectionResult } from '../../protocol/apis/43-elect-leaders.ts'
import type {
  AlterPartitionReassignmentsRequest,
  ReassignableTopicResponse,
} from '../../protocol/apis/45-alter-partition-reassignments.ts'
import type {
  ListPartitionReassignmentsTopics,
  OngoingTopicReassignment,
} from '../../protocol/apis/46-list-partition-reassignments.ts'
import type { FeatureUpdateKey } from '../../protocol/apis/57-update-features.ts'
import type { MetadataImage } from '../metadata/image.ts'

export type CreatableTopicResult = CreatableTopicResultRow & {
  configs: NonNullable<CreatableTopicResultRow['configs']>
}
export type CreateTopicsCommand = Pick<CreateTopicsRequest, 'topics' | 'validateOnly'>

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

/** Who votes and how far everybody is: DescribeQuorum's one partition. */
export interface QuorumInfo {
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly logEndOffset: number
  readonly directoryId: string
  readonly kraftVersion: number
  /** When the leader last knew itself caught up: now. */
  readonly timestampMs: number
}

export interface Controller {
  /** `describable`: topics whose configs the asker may see in the answer; all, if left out. */
  createTopics(
    request: CreateTopicsCommand,
    describable?: (topic: string) => boolean,
  ): Promise<CreatableTopicResult[]>
  deleteTopics(ids: readonly string[]): Promise<ReadonlyMap<string, ResultRow>>
  createPartitions(
    topics: readonly CreatePartitionsTopic[],
    validateOnly: boolean,
  ): Promise<(ResultRow & { readonly name: string })[]>
  incrementalAlterConfigs(
    resources: readonly (ConfigResource & { readonly configs: readonly ConfigOperation[] })[],
    validateOnly: boolean,
  ): Promise<(ResultRow & ConfigResource)[]>
  /** The old call: what is not named is deleted. */
  alterConfigs(
    resources: readonly (ConfigResource & {
      readonly configs: readonly { readonly name: string; readonly value: string | null }[]
    })[],
    validateOnly: boolean,
  ): Promise<(ResultRow & ConfigResource)[]>
  electLeaders(request: ElectLeadersRequest): Promise<ReplicaElectionResult[]>
  alterPartitionReassignments(
    request: AlterPartitionReassignmentsRequest,
  ): Promise<ReassignableTopicResponse[]>
  listPartitionReassignments(
    topics: readonly ListPartitionReassignmentsTopics[] | null,
  ): Promise<OngoingTopicReassignment[]>
  updateFeatures(updates: readonly FeatureUpdateKey[], validateOnly: boolean): Promise<ResultRow>
  unregisterBroker(brokerId: number): Promise<void>
  describeQuorum(): QuorumInfo
  /** A block of producer ids for this broker: [firstProducerId, firstProducerId + count). */
  allocateProducerIds(): Promise<{ readonly firstProducerId: bigint; readonly count: number }>
}

export interface ConfigProblem {
  /** INVALID_CONFIG, or what else Kafka says to a wrong name. */
  readonly error: { readonly code: number; readonly name: string; readonly message: string }
  readonly message: string
}

/**
 * What the config table tells the controller about names and values. Implemented in broker/config. `image` is the controller's own,
 * which may be ahead of the published one.
 */
export interface ConfigSchema {
  /** Checks the resource's name and all overrides it would have; what is wrong with them, or null. */
  validate(resource: ConfigResource, overrides: ReadonlyMap<string, string>): ConfigProblem | null
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
