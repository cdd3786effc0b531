// Requests as the group shard sees them, and the answers it builds, in Kafka's shapes and with Kafka's defaults.

import { Errors } from '../../../protocol/errors.ts'
import type { JoinGroupResponse, JoinGroupResponseMember } from '../../../protocol/apis/11-join-group.ts'
import type { SyncGroupResponse } from '../../../protocol/apis/14-sync-group.ts'
import { type ClassicGroup, type ClassicGroupMember, EMPTY_ASSIGNMENT } from './classic-group.ts'

/** An entry of the error table, or anything thrown that carries a code. */
export type Coded = { readonly code: number }

export const UNKNOWN_MEMBER_ID = ''

/** Why a client says it joins or leaves (KIP-800), for the log; Kafka's clients cut theirs at this length. */
export function reasonOf(reason: string | null): string {
  return reason?.slice(0, 255) ?? 'not provided'
}

export function joinError(memberId: string, error: Coded): JoinGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: error.code,
    generationId: -1,
    protocolType: null,
    protocolName: '',
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  }
}

/** The present generation, as `member` is told of it. Only the leader learns who the others are. */
export function joinSucceeded(group: ClassicGroup, member: ClassicGroupMember): JoinGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: Errors.NONE.code,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    skipAssignment: false,
    memberId: member.memberId,
    members: group.isLeader(member.memberId) ? memberList(group) : [],
  }
}

function memberList(group: ClassicGroup): JoinGroupResponseMember[] {
  return [...group.members.values()].map(member => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: member.metadata(group.protocolName),
  }))
}

export function syncError(error: Coded): SyncGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: error.code,
    protocolType: null,
    protocolName: null,
    assignment: EMPTY_ASSIGNMENT,
  }
}

export function syncSucceeded(group: ClassicGroup, member: ClassicGroupMember): SyncGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode: Errors.NONE.code,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    assignment: member.assignment,
  }
}
