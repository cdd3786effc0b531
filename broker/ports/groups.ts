// What handlers ask of the group coordinator: Kafka's requests and responses, answered later. Authorization and existence
// of topics have been checked; group ids, members and offsets are checked here. Answers to Kafka's GroupCoordinator.

import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/apis/08-offset-commit.ts'
import type {
  OffsetFetchRequestGroup,
  OffsetFetchResponseGroup,
} from '../../protocol/apis/09-offset-fetch.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../protocol/apis/11-join-group.ts'
import type { HeartbeatRequest, HeartbeatResponse } from '../../protocol/apis/12-heartbeat.ts'
import type { LeaveGroupResponse, MemberIdentity } from '../../protocol/apis/13-leave-group.ts'
import type { SyncGroupRequest, SyncGroupResponse } from '../../protocol/apis/14-sync-group.ts'
import type { DescribeGroupsDescribedGroup } from '../../protocol/apis/15-describe-groups.ts'
import type { ListGroupsResponse } from '../../protocol/apis/16-list-groups.ts'
import type { DeletableGroupResult } from '../../protocol/apis/42-delete-groups.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/apis/47-offset-delete.ts'

export interface LeaveRequest {
  readonly groupId: string
  readonly members: readonly MemberIdentity[]
}

/** Who asks, and what its version means. */
export interface GroupRequestContext {
  readonly clientId: string | null
  /** Without port or slash. */
  readonly clientAddress: string
  /** JoinGroup: a dynamic member is given an id first and joins with it (KIP-394). */
  readonly requiresKnownMemberId: boolean
  /** JoinGroup: a leader can be told to skip the assignment (KIP-814). */
  readonly supportsSkippingAssignment: boolean
  /** OffsetCommit, DescribeGroups: a group that is not there is GROUP_ID_NOT_FOUND. */
  readonly missingGroupIsNamed: boolean
}

export interface GroupCoordinator {
  /** The partition of __consumer_offsets that holds a group; its leader is the group's coordinator. */
  partitionFor(groupId: string): number
  joinGroup(request: JoinGroupRequest, context: GroupRequestContext): Promise<JoinGroupResponse>
  syncGroup(request: SyncGroupRequest): Promise<SyncGroupResponse>
  heartbeat(request: HeartbeatRequest): Promise<HeartbeatResponse>
  leaveGroup(request: LeaveRequest): Promise<LeaveGroupResponse>
  commitOffsets(request: OffsetCommitRequest, context: GroupRequestContext): Promise<OffsetCommitResponse>
  /** `topics: null` asks for all. */
  fetchOffsets(request: OffsetFetchRequestGroup, requireStable: boolean): Promise<OffsetFetchResponseGroup>
  deleteOffsets(request: OffsetDeleteRequest): Promise<OffsetDeleteResponse>
  describeGroups(
    groupIds: readonly string[],
    missingGroupIsNamed: boolean,
  ): Promise<DescribeGroupsDescribedGroup[]>
  /** Empty filters match everything. */
  listGroups(states: readonly string[], types: readonly string[]): Promise<ListGroupsResponse>
  deleteGroups(groupIds: readonly string[]): Promise<DeletableGroupResult[]>
}
