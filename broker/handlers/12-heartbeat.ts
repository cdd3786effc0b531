/** Heartbeat: a member of a classic group is alive, and learns whether it has to join again. */
import { Heartbeat } from '../../protocol/apis/12-heartbeat.ts'
import { Errors } from '../../protocol/errors.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler, RequestError } from './handler.ts'

export default defineHandler(
  Heartbeat,
  { access: 'per-resource' },
  ({ groups, authorizer }: { groups: GroupCoordinator; authorizer: Authorizer }) =>
    (request, context) => {
      if (!authorizer.authorize(context, 'READ', 'GROUP', request.groupId))
        throw new RequestError(Errors.GROUP_AUTHORIZATION_FAILED)
      return groups.heartbeat(request)
    },
)
