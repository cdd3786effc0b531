// The records of the metadata log as the rest of this folder sees them: a type name and a value. The version a record is
// written with follows from metadata.version (features.ts) and is of no interest to whoever makes or replays one.
// Kafka's ApiMessageAndVersion.
import type {
  AbortTransactionRecord,
  AccessControlEntryRecord,
  BeginTransactionRecord,
  BrokerRegistrationChangeRecord,
  ClearElrRecord,
  ClientQuotaRecord,
  ConfigRecord,
  DelegationTokenRecord,
  EndTransactionRecord,
  FeatureLevelRecord,
  FenceBrokerRecord,
  NoOpRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
  RemoveAccessControlEntryRecord,
  RemoveDelegationTokenRecord,
  RemoveTopicRecord,
  RemoveUserScramCredentialRecord,
  TopicRecord,
  UnfenceBrokerRecord,
  UnregisterBrokerRecord,
  UserScramCredentialRecord,
  ZkMigrationStateRecord,
} from '../../protocol/internal/metadata-records.ts'

export interface MetadataRecordTypes {
  AbortTransactionRecord: AbortTransactionRecord
  AccessControlEntryRecord: AccessControlEntryRecord
  BeginTransactionRecord: BeginTransactionRecord
  BrokerRegistrationChangeRecord: BrokerRegistrationChangeRecord
  ClearElrRecord: ClearElrRecord
  ClientQuotaRecord: ClientQuotaRecord
  ConfigRecord: ConfigRecord
  DelegationTokenRecord: DelegationTokenRecord
  EndTransactionRecord: EndTransactionRecord
  FeatureLevelRecord: FeatureLevelRecord
  FenceBrokerRecord: FenceBrokerRecord
  NoOpRecord: NoOpRecord
  PartitionChangeRecord: PartitionChangeRecord
  PartitionRecord: PartitionRecord
  ProducerIdsRecord: ProducerIdsRecord
  RegisterBrokerRecord: RegisterBrokerRecord
  RegisterControllerRecord: RegisterControllerRecord
  RemoveAccessControlEntryRecord: RemoveAccessControlEntryRecord
  RemoveDelegationTokenRecord: RemoveDelegationTokenRecord
  RemoveTopicRecord: RemoveTopicRecord
  RemoveUserScramCredentialRecord: RemoveUserScramCredentialRecord
  TopicRecord: TopicRecord
  UnfenceBrokerRecord: UnfenceBrokerRecord
  UnregisterBrokerRecord: UnregisterBrokerRecord
  UserScramCredentialRecord: UserScramCredentialRecord
  ZkMigrationStateRecord: ZkMigrationStateRecord
}

export type MetadataRecordType = keyof MetadataRecordTypes

export type MetadataRecord = {
  [T in MetadataRecordType]: { readonly type: T; readonly value: MetadataRecordTypes[T] }
}[MetadataRecordType]
