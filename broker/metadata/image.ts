// The metadata image: everything the cluster has agreed on, as one immutable value.
//
// Promise: an image never changes. A later image shares whatever did not change with the earlier one, so holding on to one
// is cheap and comparing parts by identity is meaningful. The image that handlers see contains committed records only
// (up to the metadata log's high watermark). Kafka's org.apache.kafka.image, KIP-500 / KIP-631.

/** Kafka's ConfigResource.Type ids, as ConfigRecord stores them. */
export const ConfigResourceType = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const

export const NO_LEADER = -1
/** PartitionChangeRecord.leader: the leader stays as it is, and so does the leader epoch. */
export const NO_LEADER_CHANGE = -2

export const LeaderRecoveryState = { NO_CHANGE: -1, RECOVERED: 0, RECOVERING: 1 } as const

export interface PartitionRegistration {
  readonly replicas: readonly number[]
  /** Directory id per replica, same order as `replicas`. */
  readonly directories: readonly string[]
  readonly isr: readonly number[]
  readonly elr: readonly number[]
  readonly lastKnownElr: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
  readonly leader: number
  readonly leaderRecoveryState: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
}

export interface TopicImage {
  readonly name: string
  readonly id: string
  readonly partitions: ReadonlyMap<number, PartitionRegistration>
}

export interface TopicsImage {
  readonly byId: ReadonlyMap<string, TopicImage>
  readonly byName: ReadonlyMap<string, TopicImage>
}

export interface Endpoint {
  readonly name: string
  readonly host: string
  readonly port: number
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL */
  readonly securityProtocol: number
}

export interface VersionRange {
  readonly min: number
  readonly max: number
}

export interface BrokerRegistration {
  readonly id: number
  readonly epoch: number
  readonly incarnationId: string
  readonly endpoints: readonly Endpoint[]
  readonly features: ReadonlyMap<string, VersionRange>
  readonly rack: string | null
  readonly fenced: boolean
  readonly inControlledShutdown: boolean
  readonly directories: readonly string[]
  readonly cordonedDirectories: readonly string[]
}

export interface ControllerRegistration {
  readonly id: number
  readonly incarnationId: string
  readonly zkMigrationReady: boolean
  readonly endpoints: readonly Endpoint[]
  readonly features: ReadonlyMap<string, VersionRange>
}

export interface ClusterImage {
  readonly brokers: ReadonlyMap<number, BrokerRegistration>
  readonly controllers: ReadonlyMap<number, ControllerRegistration>
}

export interface FeaturesImage {
  /** Level of metadata.version; 0 while no record has named it. */
  readonly metadataVersion: number
  /** The other finalized levels above 0. kraft.version is the raft layer's and is not in here. */
  readonly finalized: ReadonlyMap<string, number>
}

export interface ConfigurationImage {
  readonly resourceType: number
  readonly resourceName: string
  readonly entries: ReadonlyMap<string, string>
}

export interface QuotaEntityPart {
  readonly entityType: string
  /** null is the default entity of that type. */
  readonly entityName: string | null
}

export interface ClientQuotaImage {
  readonly entity: readonly QuotaEntityPart[]
  readonly quotas: ReadonlyMap<string, number>
}

export interface ScramCredential {
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
  readonly iterations: number
}

export interface AccessControlEntry {
  readonly id: string
  readonly resourceType: number
  readonly resourceName: string
  readonly patternType: number
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permissionType: number
}

export interface DelegationToken {
  readonly tokenId: string
  readonly owner: string
  readonly requester: string
  readonly renewers: readonly string[]
  readonly issueTimestamp: bigint
  readonly maxTimestamp: bigint
  readonly expirationTimestamp: bigint
}

export interface MetadataImage {
  /** Offset of the last record in this image, -1 for the empty image. Also the epoch of the finalized features. */
  readonly offset: number
  /** Quorum epoch of that record. */
  readonly epoch: number
  /** Timestamp of the batch that record came in; a snapshot carries it on. */
  readonly timestampMs: number
  readonly features: FeaturesImage
  readonly cluster: ClusterImage
  readonly topics: TopicsImage
  /** By `configKey(type, name)`. Use `configsOf`. */
  readonly configs: ReadonlyMap<string, ConfigurationImage>
  /** By `quotaKey(entity)`. */
  readonly quotas: ReadonlyMap<string, ClientQuotaImage>
  readonly producerIds: { readonly nextProducerId: bigint }
  readonly acls: ReadonlyMap<string, AccessControlEntry>
  /** By mechanism id (1 SCRAM-SHA-256, 2 SCRAM-SHA-512), then by user. */
  readonly scram: ReadonlyMap<number, ReadonlyMap<string, ScramCredential>>
  readonly delegationTokens: ReadonlyMap<string, DelegationToken>
}

/** What handlers hold: the newest committed image. */
export interface MetadataSource {
  current(): MetadataImage
}

const NOTHING: ReadonlyMap<never, never> = new Map<never, never>()

export const EMPTY_IMAGE: MetadataImage = {
  offset: -1,
  epoch: 0,
  timestampMs: 0,
  features: { metadataVersion: 0, finalized: NOTHING },
  cluster: { brokers: NOTHING, controllers: NOTHING },
  topics: { byId: NOTHING, byName: NOTHING },
  configs: NOTHING,
  quotas: NOTHING,
  producerIds: { nextProducerId: 0n },
  acls: NOTHING,
  scram: NOTHING,
  delegationTokens: NOTHING,
}

export const configKey = (resourceType: number, resourceName: string): string =>
  `${resourceType}:${resourceName}`

/** The overrides set on a resource; empty if there are none. For brokers, name '' is the cluster-wide default. */
export const configsOf = (
  image: MetadataImage,
  resourceType: number,
  resourceName: string,
): ReadonlyMap<string, string> => image.configs.get(configKey(resourceType, resourceName))?.entries ?? NOTHING

/** One string per quota entity, whatever order its parts were given in. */
export const quotaKey = (entity: readonly QuotaEntityPart[]): string =>
  JSON.stringify(
    [...entity]
      .sort((a, b) => (a.entityType < b.entityType ? -1 : 1))
      .map(part => [part.entityType, part.entityName]),
  )

/** Finalized level of any feature, 0 if the feature is off. */
export const featureLevel = (image: MetadataImage, feature: string): number =>
  feature === 'metadata.version'
    ? image.features.metadataVersion
    : (image.features.finalized.get(feature) ?? 0)
