// The records of __consumer_offsets that we read and write, byte for byte Kafka's.
//
//   key:   int16 type · key body, always version 0          value: int16 version · value body (none: a tombstone)
//
//   type 0     LegacyOffsetCommit   read only: commits of the oldest clients
//   type 1     OffsetCommit         value v4, or v1 when the commit names its own expiry (OffsetCommit v2-v4)
//   type 2     GroupMetadata        value v3
//   type 3 11 17                    a consumer, share or streams group: not served yet, but its id is taken
//   others                          skipped with a warning; nothing is ever removed from the log on their account
//
// Answers to GroupCoordinatorRecordHelpers and GroupCoordinatorRecordSerde.

import { readMessage, writeMessage } from '../../../protocol/codec/message.ts'
import { ConsumerGroupMetadataKey } from '../../../protocol/internal/group-records.ts'
import { GroupMetadataKey, GroupMetadataValue } from '../../../protocol/internal/group-records.ts'
import { OffsetCommitKey, OffsetCommitValue } from '../../../protocol/internal/group-records.ts'
import type { RecordCodec } from '../shard.ts'
import { type ClassicGroup, EMPTY_ASSIGNMENT } from './classic-group.ts'

export interface CommittedOffset {
  readonly offset: bigint
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: bigint
  /** Only commits that ask for a retention of their own have one. */
  readonly expireTimestampMs: bigint | null
  readonly topicId: string
}

export type ForeignGroupType = 'Consumer' | 'Share' | 'Streams'

/** Null values are tombstones. */
export type GroupRecord =
  | {
      readonly type: 'offset'
      readonly groupId: string
      readonly topic: string
      readonly partition: number
      readonly value: CommittedOffset | null
    }
  | { readonly type: 'group'; readonly groupId: string; readonly value: GroupMetadataValue | null }
  | {
      readonly type: 'foreign'
      readonly groupId: string
      readonly groupType: ForeignGroupType
      readonly exists: boolean
    }

const LEGACY_OFFSET_COMMIT = 0
const OFFSET_COMMIT = 1
const GROUP_METADATA = 2
const foreignTypes: Readonly<Record<number, ForeignGroupType>> = { 3: 'Consumer', 11: 'Share', 17: 'Streams' }

const KEY_VERSION = 0
const GROUP_METADATA_VALUE_VERSION = 3
const NONE = -1n

// ---- Making records

export function offsetRecord(
  groupId: string,
  topic: string,
  partition: number,
  value: CommittedOffset | null,
): GroupRecord {
  return { type: 'offset', groupId, topic, partition, value }
}

export function groupTombstone(groupId: string): GroupRecord {
  return { type: 'group', groupId, value: null }
}

/** The group as it is, with the assignments its members have or are about to get. */
export function groupMetadataRecord(
  group: ClassicGroup,
  assignments?: ReadonlyMap<string, Buffer>,
): GroupRecord {
  const members = [...group.members.values()].map(member => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeout: member.rebalanceTimeoutMs,
    sessionTimeout: member.sessionTimeoutMs,
    subscription: member.metadata(group.protocolName),
    assignment:
      assignments === undefined ? member.assignment : (assignments.get(member.memberId) ?? EMPTY_ASSIGNMENT),
  }))
  return {
    type: 'group',
    groupId: group.groupId,
    value: {
      protocolType: group.protocolType ?? '',
      generation: group.generationId,
      protocol: group.protocolName,
      leader: group.leaderId,
      currentStateTimestamp: group.stateSinceMs === null ? NONE : BigInt(group.stateSinceMs),
      members,
    },
  }
}

/** A group that has just come into being: nobody is a member yet, whatever it looks like in memory. */
export function emptyGroupMetadataRecord(group: ClassicGroup): GroupRecord {
  return {
    type: 'group',
    groupId: group.groupId,
    value: {
      protocolType: '',
      generation: 0,
      protocol: null,
      leader: null,
      currentStateTimestamp: group.stateSinceMs === null ? NONE : BigInt(group.stateSinceMs),
      members: [],
    },
  }
}

// ---- The bytes

function typed(type: number, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(2 + body.length)
  bytes.writeInt16BE(type, 0)
  body.copy(bytes, 2)
  return bytes
}

function writeOffset(value: CommittedOffset): Buffer {
  const version = value.expireTimestampMs === null ? 4 : 1
  const body = writeMessage(OffsetCommitValue, version, {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestamp: value.commitTimestampMs,
    expireTimestamp: value.expireTimestampMs ?? NONE,
    topicId: value.topicId,
  })
  return typed(version, body)
}

function readOffset(bytes: Buffer): CommittedOffset {
  const value = readMessage(OffsetCommitValue, bytes.readInt16BE(0), bytes.subarray(2))
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: value.commitTimestamp,
    expireTimestampMs: value.expireTimestamp === NONE ? null : value.expireTimestamp,
    topicId: value.topicId,
  }
}

/** Group state outlives the slice of log it was read from. */
function readGroup(bytes: Buffer): GroupMetadataValue {
  const value = readMessage(GroupMetadataValue, bytes.readInt16BE(0), bytes.subarray(2))
  for (const member of value.members) {
    member.subscription = Buffer.from(member.subscription)
    member.assignment = Buffer.from(member.assignment)
  }
  return value
}

export const groupRecordCodec: RecordCodec<GroupRecord> = {
  write(record) {
    switch (record.type) {
      case 'offset': {
        const { groupId: group, topic, partition, value } = record
        return {
          key: typed(OFFSET_COMMIT, writeMessage(OffsetCommitKey, KEY_VERSION, { group, topic, partition })),
          value: value === null ? null : writeOffset(value),
        }
      }
      case 'group': {
        const { groupId: group, value } = record
        const version = GROUP_METADATA_VALUE_VERSION
        return {
          key: typed(GROUP_METADATA, writeMessage(GroupMetadataKey, KEY_VERSION, { group })),
          value: value === null ? null : typed(version, writeMessage(GroupMetadataValue, version, value)),
        }
      }
      case 'foreign':
        throw new Error('records of groups that are not classic are read only')
    }
  },

  read(key, value) {
    const type = key.readInt16BE(0)
    const body = key.subarray(2)
    if (type === OFFSET_COMMIT || type === LEGACY_OFFSET_COMMIT) {
      const { group, topic, partition } = readMessage(OffsetCommitKey, KEY_VERSION, body)
      return offsetRecord(group, topic, partition, value === null ? null : readOffset(value))
    }
    if (type === GROUP_METADATA) {
      const { group } = readMessage(GroupMetadataKey, KEY_VERSION, body)
      return { type: 'group', groupId: group, value: value === null ? null : readGroup(value) }
    }
    const groupType = foreignTypes[type]
    if (groupType === undefined) return null
    // All three keys are the group id and nothing else.
    const { groupId } = readMessage(ConsumerGroupMetadataKey, KEY_VERSION, body)
    return { type: 'foreign', groupId, groupType, exists: value !== null }
  },
}
