/** LeaveGroup: members leave a classic group, several at once, by member id or by instance id. */
import { LeaveGroup } from '../../protocol/apis/13-leave-group.ts'
import { Errors } from '../../protocol/errors.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler, RequestError } from './handler.ts'

export default defineHandler(
  LeaveGroup,
  { access: 'per-resource' },
  ({ groups, authorizer }: { groups: GroupCoordinator; authorizer: Authorizer }) =>
    (request, context) => {
      if (!authorizer.authorize(context, 'READ', 'GROUP', request.groupId))
        throw new RequestError(Errors.GROUP_AUTHORIZATION_FAILED)
      return groups.leaveGroup(request)
    },
)
