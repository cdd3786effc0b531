/** JoinGroup: a member joins a classic group or its next generation. The answer comes when the group is complete. */
import { JoinGroup } from '../../protocol/apis/11-join-group.ts'
import { Errors } from '../../protocol/errors.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler, RequestError } from './handler.ts'

export default defineHandler(
  JoinGroup,
  {
    access: 'per-resource',
    deviations: [
      'A JoinGroup that is repeated while the first is still waiting makes the first answer REBALANCE_IN_PROGRESS; Kafka never answers it.',
      'A protocol that a member names twice counts once; in Kafka it counts twice, and then not as one that all members have.',
    ],
  },
  ({ groups, authorizer }: { groups: GroupCoordinator; authorizer: Authorizer }) =>
    (request, context, facts) => {
      if (!authorizer.authorize(context, 'READ', 'GROUP', request.groupId))
        throw new RequestError(Errors.GROUP_AUTHORIZATION_FAILED)
      const { clientId, clientAddress } = context
      return groups.joinGroup(request, {
        clientId,
        clientAddress,
        requiresKnownMemberId: facts.memberIdRequired,
        supportsSkippingAssignment: facts.skipsAssignment,
        missingGroupIsNamed: false,
      })
    },
)
