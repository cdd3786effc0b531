/** ListGroups: the groups that this broker coordinates. Who may DESCRIBE the cluster sees them all, others those they may DESCRIBE. */
import { ListGroups } from '../../protocol/apis/16-list-groups.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  ListGroups,
  {
    access: 'per-resource',
    deviations: [
      'Consumer, share and streams groups found in a log that Kafka wrote are listed with the state Unknown; they are not served yet.',
    ],
  },
  ({ groups, authorizer }: { groups: GroupCoordinator; authorizer: Authorizer }) =>
    async (request, context) => {
      const listed = await groups.listGroups(request.statesFilter, request.typesFilter)
      if (authorizer.authorize(context, 'DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return listed
      const visible = listed.groups.filter(({ groupId }) =>
        authorizer.authorize(context, 'DESCRIBE', 'GROUP', groupId),
      )
      return { ...listed, groups: visible }
    },
)
