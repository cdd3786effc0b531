// How groups look to DescribeGroups and ListGroups.

import type {
  DescribeGroupsDescribedGroup,
  DescribedGroupMember,
} from '../../../protocol/apis/15-describe-groups.ts'
import type { ListedGroup } from '../../../protocol/apis/16-list-groups.ts'
import { Errors } from '../../../protocol/errors.ts'
import { OPERATIONS_NOT_REQUESTED } from '../../ports/authorizer.ts'
import type { ClassicGroup, ClassicGroupMember } from './classic-group.ts'
import type { ForeignGroupType } from './records.ts'

const NO_METADATA = Buffer.alloc(0)
/** As GroupType.CLASSIC prints itself. */
const CLASSIC = 'classic'

/** Metadata is shown of a stable group alone: only then have all members agreed on a protocol. */
export function describeGroup(group: ClassicGroup): DescribeGroupsDescribedGroup {
  const isStable = group.state === 'Stable'
  const member = (of: ClassicGroupMember): DescribedGroupMember => ({
    memberId: of.memberId,
    groupInstanceId: of.groupInstanceId,
    clientId: of.clientId,
    clientHost: of.clientHost,
    memberMetadata: isStable ? of.metadata(group.protocolName) : NO_METADATA,
    memberAssignment: of.assignment,
  })
  return {
    errorCode: Errors.NONE.code,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map(member),
    authorizedOperations: OPERATIONS_NOT_REQUESTED,
  }
}

/** Clients before KIP-1043 expect a group that is not there to be Dead and no error. */
export function describeMissing(
  groupId: string,
  isNamed: boolean,
  isForeign = false,
): DescribeGroupsDescribedGroup {
  const message = isForeign ? `Group ${groupId} is not a classic group.` : `Group ${groupId} not found.`
  return {
    ...describeError(groupId, isNamed ? Errors.GROUP_ID_NOT_FOUND : Errors.NONE),
    errorMessage: isNamed ? message : null,
    groupState: 'Dead',
  }
}

export function describeError(
  groupId: string,
  error: { readonly code: number },
): DescribeGroupsDescribedGroup {
  return {
    errorCode: error.code,
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: OPERATIONS_NOT_REQUESTED,
  }
}

export function listGroup(group: ClassicGroup): ListedGroup {
  return {
    groupId: group.groupId,
    protocolType: group.protocolType ?? '',
    groupState: group.state,
    groupType: CLASSIC,
  }
}

/** A group that another broker made and that we do not serve: better seen in an unknown state than not at all. */
export function listForeign(groupId: string, type: ForeignGroupType): ListedGroup {
  const groupType = type.toLowerCase()
  return { groupId, protocolType: groupType, groupState: 'Unknown', groupType }
}

/** Empty filters match everything; names are matched without regard to case. */
export function matchesFilters(
  { groupState, groupType }: ListedGroup,
  states: readonly string[],
  types: readonly string[],
): boolean {
  const isOneOf = (name: string, filter: readonly string[]): boolean =>
    filter.length === 0 || filter.some(wanted => wanted.trim().toLowerCase() === name.toLowerCase())
  return isOneOf(groupState, states) && isOneOf(groupType, types)
}
