// Keys and values of control records. The key of each is a type, below; the value depends on it.
//
//   0 abort, 1 commit    EndTxnMarker           transaction markers (KIP-98)
//   2                    LeaderChangeMessage    a new leader of the metadata quorum (KIP-595)
//   3, 4                 SnapshotHeaderRecord, SnapshotFooterRecord    the ends of a snapshot file (KIP-630)
//   5                    KRaftVersionRecord     (KIP-853)
//   6                    VotersRecord           (KIP-853)

import { defineMessage } from '../schema/message.ts'
import {
  array,
  int16,
  int32,
  int64,
  one,
  string,
  struct,
  uint16,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const controlRecordTypeSchema = struct({
  type: int16,
})
export interface ControlRecordTypeSchema extends Value<typeof controlRecordTypeSchema> {}

export const ControlRecordTypeSchema = defineMessage<ControlRecordTypeSchema>({
  name: 'ControlRecordTypeSchema',
  versions: [0, 0],
  fields: controlRecordTypeSchema,
})

const endTxnMarker = struct({
  coordinatorEpoch: int32,
})
export interface EndTxnMarker extends Value<typeof endTxnMarker> {}

export const EndTxnMarker = defineMessage<EndTxnMarker>({
  name: 'EndTxnMarker',
  versions: [0, 0],
  fields: endTxnMarker,
})

const leaderChangeMessageVoter = struct({
  voterId: int32,
  voterDirectoryId: uuid.since(1),
})
export interface LeaderChangeMessageVoter extends Value<typeof leaderChangeMessageVoter> {}

const leaderChangeMessage = struct({
  version: int16,
  leaderId: int32.entity('brokerId'),
  voters: array<LeaderChangeMessageVoter>(leaderChangeMessageVoter),
  grantingVoters: array<LeaderChangeMessageVoter>(leaderChangeMessageVoter),
})
export interface LeaderChangeMessage extends Value<typeof leaderChangeMessage> {}

export const LeaderChangeMessage = defineMessage<LeaderChangeMessage>({
  name: 'LeaderChangeMessage',
  versions: [0, 1],
  flexibleFrom: 0,
  fields: leaderChangeMessage,
})

const snapshotHeaderRecord = struct({
  version: int16,
  lastContainedLogTimestamp: int64,
})
export interface SnapshotHeaderRecord extends Value<typeof snapshotHeaderRecord> {}

export const SnapshotHeaderRecord = defineMessage<SnapshotHeaderRecord>({
  name: 'SnapshotHeaderRecord',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: snapshotHeaderRecord,
})

const snapshotFooterRecord = struct({
  version: int16,
})
export interface SnapshotFooterRecord extends Value<typeof snapshotFooterRecord> {}

export const SnapshotFooterRecord = defineMessage<SnapshotFooterRecord>({
  name: 'SnapshotFooterRecord',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: snapshotFooterRecord,
})

const kRaftVersionRecord = struct({
  version: int16,
  kRaftVersion: int16,
})
export interface KRaftVersionRecord extends Value<typeof kRaftVersionRecord> {}

export const KRaftVersionRecord = defineMessage<KRaftVersionRecord>({
  name: 'KRaftVersionRecord',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: kRaftVersionRecord,
})

const votersRecordEndpoint = struct({
  name: string.key(),
  host: string,
  port: uint16,
})
export interface VotersRecordEndpoint extends Value<typeof votersRecordEndpoint> {}

const votersRecordKRaftVersionFeature = struct({
  minSupportedVersion: int16,
  maxSupportedVersion: int16,
})
export interface VotersRecordKRaftVersionFeature extends Value<typeof votersRecordKRaftVersionFeature> {}

const votersRecordVoter = struct({
  voterId: int32.entity('brokerId'),
  voterDirectoryId: uuid,
  endpoints: array<VotersRecordEndpoint>(votersRecordEndpoint),
  kRaftVersionFeature: one<VotersRecordKRaftVersionFeature>(votersRecordKRaftVersionFeature),
})
export interface VotersRecordVoter extends Value<typeof votersRecordVoter> {}

const votersRecord = struct({
  version: int16,
  voters: array<VotersRecordVoter>(votersRecordVoter),
})
export interface VotersRecord extends Value<typeof votersRecord> {}

export const VotersRecord = defineMessage<VotersRecord>({
  name: 'VotersRecord',
  versions: [0, 0],
  flexibleFrom: 0,
  fields: votersRecord,
})
