// The records of the metadata log, `__cluster_metadata-0`, in order of their types (KIP-500, KIP-631 and
// later ones). On disk each is a record value: varint 1, varint type, varint version, then the message.
// Tags that we do not know are kept: a newer controller may have written them.

import { defineMessage } from '../schema/message.ts'
import {
  array,
  bool,
  bytes,
  float64,
  int16,
  int32,
  int64,
  int8,
  offset,
  string,
  struct,
  uint16,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const brokerEndpoint = struct({
  name: string.key(),
  host: string,
  port: uint16,
  securityProtocol: int16,
})
export interface BrokerEndpoint extends Value<typeof brokerEndpoint> {}

const brokerFeature = struct({
  name: string.key(),
  minSupportedVersion: int16,
  maxSupportedVersion: int16,
})
export interface BrokerFeature extends Value<typeof brokerFeature> {}

const registerBrokerRecord = struct({
  brokerId: int32.entity('brokerId'),
  isMigratingZkBroker: bool.since(2),
  incarnationId: uuid,
  brokerEpoch: offset,
  endPoints: array<BrokerEndpoint>(brokerEndpoint),
  features: array<BrokerFeature>(brokerFeature),
  rack: string.nullable(),
  fenced: bool.default(true),
  inControlledShutdown: bool.since(1),
  logDirs: array(uuid).since(3).tag(0),
  cordonedLogDirs: array(uuid).since(4).nullable().default(null).tag(1),
})
export interface RegisterBrokerRecord extends Value<typeof registerBrokerRecord> {}

export const RegisterBrokerRecord = defineMessage<RegisterBrokerRecord>({
  name: 'RegisterBrokerRecord',
  apiKey: 0,
  versions: [0, 4],
  flexibleFrom: 0,
  fields: registerBrokerRecord,
  keepsUnknownTags: true,
})

const unregisterBrokerRecord = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset,
})
export interface UnregisterBrokerRecord extends Value<typeof unregisterBrokerRecord> {}

export const UnregisterBrokerRecord = defineMessage<UnregisterBrokerRecord>({
  name: 'UnregisterBrokerRecord',
  apiKey: 1,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: unregisterBrokerRecord,
  keepsUnknownTags: true,
})

const topicRecord = struct({
  name: string.entity('topicName'),
  topicId: uuid,
})
export interface TopicRecord extends Value<typeof topicRecord> {}

export const TopicRecord = defineMessage<TopicRecord>({
  name: 'TopicRecord',
  apiKey: 2,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: topicRecord,
  keepsUnknownTags: true,
})

const partitionRecord = struct({
  partitionId: int32.default(-1),
  topicId: uuid,
  replicas: array(int32).entity('brokerId'),
  isr: array(int32),
  removingReplicas: array(int32).entity('brokerId'),
  addingReplicas: array(int32).entity('brokerId'),
  leader: int32.default(-1).entity('brokerId'),
  leaderRecoveryState: int8.tag(0),
  leaderEpoch: int32.default(-1),
  partitionEpoch: int32.default(-1),
  directories: array(uuid).since(1),
  eligibleLeaderReplicas: array(int32).since(2).nullable().default(null).tag(1).entity('brokerId'),
  lastKnownElr: array(int32).since(2).nullable().default(null).tag(2).entity('brokerId'),
})
export interface PartitionRecord extends Value<typeof partitionRecord> {}

export const PartitionRecord = defineMessage<PartitionRecord>({
  name: 'PartitionRecord',
  apiKey: 3,
  versions: [0, 2],
  flexibleFrom: 0,
  fields: partitionRecord,
  keepsUnknownTags: true,
})

const configRecord = struct({
  resourceType: int8,
  resourceName: string,
  name: string,
  value: string.nullable(),
})
export interface ConfigRecord extends Value<typeof configRecord> {}

export const ConfigRecord = defineMessage<ConfigRecord>({
  name: 'ConfigRecord',
  apiKey: 4,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: configRecord,
  keepsUnknownTags: true,
})

const partitionChangeRecord = struct({
  partitionId: int32.default(-1),
  topicId: uuid,
  isr: array(int32).nullable().default(null).tag(0).entity('brokerId'),
  leader: int32.default(-2).tag(1).entity('brokerId'),
  replicas: array(int32).nullable().default(null).tag(2).entity('brokerId'),
  removingReplicas: array(int32).nullable().default(null).tag(3).entity('brokerId'),
  addingReplicas: array(int32).nullable().default(null).tag(4).entity('brokerId'),
  leaderRecoveryState: int8.default(-1).tag(5),
  directories: array(uuid).since(1).nullable().default(null).tag(8),
  eligibleLeaderReplicas: array(int32).since(2).nullable().default(null).tag(6).entity('brokerId'),
  lastKnownElr: array(int32).since(2).nullable().default(null).tag(7).entity('brokerId'),
})
export interface PartitionChangeRecord extends Value<typeof partitionChangeRecord> {}

export const PartitionChangeRecord = defineMessage<PartitionChangeRecord>({
  name: 'PartitionChangeRecord',
  apiKey: 5,
  versions: [0, 2],
  flexibleFrom: 0,
  fields: partitionChangeRecord,
  keepsUnknownTags: true,
})

const fenceBrokerRecord = struct({
  id: int32.entity('brokerId'),
  epoch: offset,
})
export interface FenceBrokerRecord extends Value<typeof fenceBrokerRecord> {}

export const FenceBrokerRecord = defineMessage<FenceBrokerRecord>({
  name: 'FenceBrokerRecord',
  apiKey: 7,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: fenceBrokerRecord,
  keepsUnknownTags: true,
})

const unfenceBrokerRecord = struct({
  id: int32.entity('brokerId'),
  epoch: offset,
})
export interface UnfenceBrokerRecord extends Value<typeof unfenceBrokerRecord> {}

export const UnfenceBrokerRecord = defineMessage<UnfenceBrokerRecord>({
  name: 'UnfenceBrokerRecord',
  apiKey: 8,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: unfenceBrokerRecord,
  keepsUnknownTags: true,
})

const removeTopicRecord = struct({
  topicId: uuid,
})
export interface RemoveTopicRecord extends Value<typeof removeTopicRecord> {}

export const RemoveTopicRecord = defineMessage<RemoveTopicRecord>({
  name: 'RemoveTopicRecord',
  apiKey: 9,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: removeTopicRecord,
  keepsUnknownTags: true,
})

const delegationTokenRecord = struct({
  owner: string,
  requester: string,
  renewers: array(string),
  issueTimestamp: int64,
  maxTimestamp: int64,
  expirationTimestamp: int64,
  tokenId: string,
})
export interface DelegationTokenRecord extends Value<typeof delegationTokenRecord> {}

export const DelegationTokenRecord = defineMessage<DelegationTokenRecord>({
  name: 'DelegationTokenRecord',
  apiKey: 10,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: delegationTokenRecord,
  keepsUnknownTags: true,
})

const userScramCredentialRecord = struct({
  name: string,
  mechanism: int8,
  salt: bytes,
  storedKey: bytes,
  serverKey: bytes,
  iterations: int32,
})
export interface UserScramCredentialRecord extends Value<typeof userScramCredentialRecord> {}

export const UserScramCredentialRecord = defineMessage<UserScramCredentialRecord>({
  name: 'UserScramCredentialRecord',
  apiKey: 11,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: userScramCredentialRecord,
  keepsUnknownTags: true,
})

const featureLevelRecord = struct({
  name: string,
  featureLevel: int16,
})
export interface FeatureLevelRecord extends Value<typeof featureLevelRecord> {}

export const FeatureLevelRecord = defineMessage<FeatureLevelRecord>({
  name: 'FeatureLevelRecord',
  apiKey: 12,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: featureLevelRecord,
  keepsUnknownTags: true,
})

const clientQuotaRecordEntityData = struct({
  entityType: string,
  entityName: string.nullable(),
})
export interface ClientQuotaRecordEntityData extends Value<typeof clientQuotaRecordEntityData> {}

const clientQuotaRecord = struct({
  entity: array<ClientQuotaRecordEntityData>(clientQuotaRecordEntityData),
  key: string,
  value: float64,
  remove: bool,
})
export interface ClientQuotaRecord extends Value<typeof clientQuotaRecord> {}

export const ClientQuotaRecord = defineMessage<ClientQuotaRecord>({
  name: 'ClientQuotaRecord',
  apiKey: 14,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: clientQuotaRecord,
  keepsUnknownTags: true,
})

const producerIdsRecord = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset.default(-1),
  nextProducerId: int64,
})
export interface ProducerIdsRecord extends Value<typeof producerIdsRecord> {}

export const ProducerIdsRecord = defineMessage<ProducerIdsRecord>({
  name: 'ProducerIdsRecord',
  apiKey: 15,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: producerIdsRecord,
  keepsUnknownTags: true,
})

const brokerRegistrationChangeRecord = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset,
  fenced: int8.tag(0),
  inControlledShutdown: int8.since(1).tag(1),
  logDirs: array(uuid).since(2).tag(2),
  cordonedLogDirs: array(uuid).since(3).nullable().default(null).tag(3),
})
export interface BrokerRegistrationChangeRecord extends Value<typeof brokerRegistrationChangeRecord> {}

export const BrokerRegistrationChangeRecord = defineMessage<BrokerRegistrationChangeRecord>({
  name: 'BrokerRegistrationChangeRecord',
  apiKey: 17,
  versions: [0, 3],
  flexibleFrom: 0,
  fields: brokerRegistrationChangeRecord,
  keepsUnknownTags: true,
})

const accessControlEntryRecord = struct({
  id: uuid,
  resourceType: int8,
  resourceName: string,
  patternType: int8,
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
})
export interface AccessControlEntryRecord extends Value<typeof accessControlEntryRecord> {}

export const AccessControlEntryRecord = defineMessage<AccessControlEntryRecord>({
  name: 'AccessControlEntryRecord',
  apiKey: 18,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: accessControlEntryRecord,
  keepsUnknownTags: true,
})

const removeAccessControlEntryRecord = struct({
  id: uuid,
})
export interface RemoveAccessControlEntryRecord extends Value<typeof removeAccessControlEntryRecord> {}

export const RemoveAccessControlEntryRecord = defineMessage<RemoveAccessControlEntryRecord>({
  name: 'RemoveAccessControlEntryRecord',
  apiKey: 19,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: removeAccessControlEntryRecord,
  keepsUnknownTags: true,
})

const noOpRecord = struct({})
export interface NoOpRecord extends Value<typeof noOpRecord> {}

export const NoOpRecord = defineMessage<NoOpRecord>({
  name: 'NoOpRecord',
  apiKey: 20,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: noOpRecord,
  keepsUnknownTags: true,
})

const zkMigrationStateRecord = struct({
  zkMigrationState: int8,
})
export interface ZkMigrationStateRecord extends Value<typeof zkMigrationStateRecord> {}

export const ZkMigrationStateRecord = defineMessage<ZkMigrationStateRecord>({
  name: 'ZkMigrationStateRecord',
  apiKey: 21,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: zkMigrationStateRecord,
  keepsUnknownTags: true,
})

const removeUserScramCredentialRecord = struct({
  name: string,
  mechanism: int8,
})
export interface RemoveUserScramCredentialRecord extends Value<typeof removeUserScramCredentialRecord> {}

export const RemoveUserScramCredentialRecord = defineMessage<RemoveUserScramCredentialRecord>({
  name: 'RemoveUserScramCredentialRecord',
  apiKey: 22,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: removeUserScramCredentialRecord,
  keepsUnknownTags: true,
})

const beginTransactionRecord = struct({
  name: string.nullable().default(null).tag(0),
})
export interface BeginTransactionRecord extends Value<typeof beginTransactionRecord> {}

export const BeginTransactionRecord = defineMessage<BeginTransactionRecord>({
  name: 'BeginTransactionRecord',
  apiKey: 23,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: beginTransactionRecord,
  keepsUnknownTags: true,
})

const endTransactionRecord = struct({})
export interface EndTransactionRecord extends Value<typeof endTransactionRecord> {}

export const EndTransactionRecord = defineMessage<EndTransactionRecord>({
  name: 'EndTransactionRecord',
  apiKey: 24,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: endTransactionRecord,
  keepsUnknownTags: true,
})

const abortTransactionRecord = struct({
  reason: string.nullable().default(null).tag(0),
})
export interface AbortTransactionRecord extends Value<typeof abortTransactionRecord> {}

export const AbortTransactionRecord = defineMessage<AbortTransactionRecord>({
  name: 'AbortTransactionRecord',
  apiKey: 25,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: abortTransactionRecord,
  keepsUnknownTags: true,
})

const removeDelegationTokenRecord = struct({
  tokenId: string,
})
export interface RemoveDelegationTokenRecord extends Value<typeof removeDelegationTokenRecord> {}

export const RemoveDelegationTokenRecord = defineMessage<RemoveDelegationTokenRecord>({
  name: 'RemoveDelegationTokenRecord',
  apiKey: 26,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: removeDelegationTokenRecord,
  keepsUnknownTags: true,
})

const controllerEndpoint = struct({
  name: string.key(),
  host: string,
  port: uint16,
  securityProtocol: int16,
})
export interface ControllerEndpoint extends Value<typeof controllerEndpoint> {}

const controllerFeature = struct({
  name: string.key(),
  minSupportedVersion: int16,
  maxSupportedVersion: int16,
})
export interface ControllerFeature extends Value<typeof controllerFeature> {}

const registerControllerRecord = struct({
  controllerId: int32,
  incarnationId: uuid,
  zkMigrationReady: bool,
  endPoints: array<ControllerEndpoint>(controllerEndpoint),
  features: array<ControllerFeature>(controllerFeature),
})
export interface RegisterControllerRecord extends Value<typeof registerControllerRecord> {}

export const RegisterControllerRecord = defineMessage<RegisterControllerRecord>({
  name: 'RegisterControllerRecord',
  apiKey: 27,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: registerControllerRecord,
  keepsUnknownTags: true,
})

const clearElrRecord = struct({
  topicName: string.entity('topicName'),
})
export interface ClearElrRecord extends Value<typeof clearElrRecord> {}

export const ClearElrRecord = defineMessage<ClearElrRecord>({
  name: 'ClearElrRecord',
  apiKey: 28,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: clearElrRecord,
  keepsUnknownTags: true,
})
