/** SyncGroup: the leader hands in the assignment of a generation, members pick up theirs. */
import { SyncGroup } from '../../protocol/apis/14-sync-group.ts'
import { Errors } from '../../protocol/errors.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler, RequestError } from './handler.ts'

export default defineHandler(
  SyncGroup,
  {
    access: 'per-resource',
    deviations: [
      'A SyncGroup that is repeated while the first is still waiting makes the first answer REBALANCE_IN_PROGRESS, and a member that leaves while its SyncGroup waits is answered UNKNOWN_MEMBER_ID; Kafka answers neither.',
    ],
  },
  ({ groups, authorizer }: { groups: GroupCoordinator; authorizer: Authorizer }) =>
    (request, context, facts) => {
      // Where the version has both fields, a client that leaves one out is broken.
      if (facts.protocolTypes && (request.protocolType === null || request.protocolName === null))
        throw new RequestError(Errors.INCONSISTENT_GROUP_PROTOCOL)
      if (!authorizer.authorize(context, 'READ', 'GROUP', request.groupId))
        throw new RequestError(Errors.GROUP_AUTHORIZATION_FAILED)
      return groups.syncGroup(request)
    },
)
