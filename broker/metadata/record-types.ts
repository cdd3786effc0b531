// Provisional: replaced by protocol/internal.
export interface AbortTransactionRecord {
  reason: string | null
}

export interface AccessControlEntryRecord {
  id: string
  resourceType: number
  resourceName: string
  patternType: number
  principal: string
  host: string
  operation: number
  permissionType: number
}

export interface BeginTransactionRecord {
  name: string | null
}

export interface BrokerRegistrationChangeRecord {
  brokerId: number
  brokerEpoch: number
  fenced: number
  inControlledShutdown: number
  logDirs: string[]
  cordonedLogDirs: string[] | null
}

export interface ClearElrRecord {
  topicName: string
}

export interface EntityData {
  entityType: string
  entityName: string | null
}

export interface ClientQuotaRecord {
  entity: EntityData[]
  key: string
  value: number
  remove: boolean
}

export interface ConfigRecord {
  resourceType: number
  resourceName: string
  name: string
  value: string | null
}

export interface DelegationTokenRecord {
  owner: string
  requester: string
  renewers: string[]
  issueTimestamp: bigint
  maxTimestamp: bigint
  expirationTimestamp: bigint
  tokenId: string
}

export interface EndTransactionRecord {}

export interface FeatureLevelRecord {
  name: string
  featureLevel: number
}

export interface FenceBrokerRecord {
  id: number
  epoch: number
}

export interface NoOpRecord {}

export interface PartitionChangeRecord {
  partitionId: number
  topicId: string
  isr: number[] | null
  leader: number
  replicas: number[] | null
  removingReplicas: number[] | null
  addingReplicas: number[] | null
  leaderRecoveryState: number
  directories: string[] | null
  eligibleLeaderReplicas: number[] | null
  lastKnownElr: number[] | null
}

export interface PartitionRecord {
  partitionId: number
  topicId: string
  replicas: number[]
  isr: number[]
  removingReplicas: number[]
  addingReplicas: number[]
  leader: number
  leaderRecoveryState: number
  leaderEpoch: number
  partitionEpoch: number
  directories: string[]
  eligibleLeaderReplicas: number[] | null
  lastKnownElr: number[] | null
}

export interface ProducerIdsRecord {
  brokerId: number
  brokerEpoch: number
  nextProducerId: bigint
}

export interface BrokerEndpoint {
  name: string
  host: string
  port: number
  securityProtocol: number
}

export interface BrokerFeature {
  name: string
  minSupportedVersion: number
  maxSupportedVersion: number
}

export interface RegisterBrokerRecord {
  brokerId: number
  isMigratingZkBroker: boolean
  incarnationId: string
  brokerEpoch: number
  endPoints: BrokerEndpoint[]
  features: BrokerFeature[]
  rack: string | null
  fenced: boolean
  inControlledShutdown: boolean
  logDirs: string[]
  cordonedLogDirs: string[] | null
}

export interface ControllerEndpoint {
  name: string
  host: string
  port: number
  securityProtocol: number
}

export interface ControllerFeature {
  name: string
  minSupportedVersion: number
  maxSupportedVersion: number
}

export interface RegisterControllerRecord {
  controllerId: number
  incarnationId: string
  zkMigrationReady: boolean
  endPoints: ControllerEndpoint[]
  features: ControllerFeature[]
}

export interface RemoveAccessControlEntryRecord {
  id: string
}

export interface RemoveDelegationTokenRecord {
  tokenId: string
}

export interface RemoveTopicRecord {
  topicId: string
}

export interface RemoveUserScramCredentialRecord {
  name: string
  mechanism: number
}

export interface TopicRecord {
  name: string
  topicId: string
}

export interface UnfenceBrokerRecord {
  id: number
  epoch: number
}

export interface UnregisterBrokerRecord {
  brokerId: number
  brokerEpoch: number
}

export interface UserScramCredentialRecord {
  name: string
  mechanism: number
  salt: Buffer
  storedKey: Buffer
  serverKey: Buffer
  iterations: number
}

export interface ZkMigrationStateRecord {
  zkMigrationState: number
}
