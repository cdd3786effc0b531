/** DescribeGroups: state and members of classic groups. */
import { DescribeGroups } from '../../protocol/apis/15-describe-groups.ts'
import { Errors } from '../../protocol/errors.ts'
import { type Authorizer, authorizedOperations, OPERATIONS_NOT_REQUESTED } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  DescribeGroups,
  { access: 'per-resource' },
  ({ groups, authorizer }: { groups: GroupCoordinator; authorizer: Authorizer }) =>
    async (request, context, facts) => {
      const isAllowed = (groupId: string): boolean =>
        authorizer.authorize(context, 'DESCRIBE', 'GROUP', groupId)
      const refused = request.groups
        .filter(groupId => !isAllowed(groupId))
        .map(groupId => ({
          errorCode: Errors.GROUP_AUTHORIZATION_FAILED.code,
          errorMessage: null,
          groupId,
          groupState: '',
          protocolType: '',
          protocolData: '',
          members: [],
          authorizedOperations: OPERATIONS_NOT_REQUESTED,
        }))
      const described = await groups.describeGroups(request.groups.filter(isAllowed), facts.groupErrors)
      if (request.includeAuthorizedOperations) {
        for (const group of described) {
          if (group.errorCode === Errors.NONE.code)
            group.authorizedOperations = authorizedOperations(authorizer, context, 'GROUP', group.groupId)
        }
      }
      return { throttleTimeMs: 0, groups: [...refused, ...described] }
    },
)
