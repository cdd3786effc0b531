/** DeleteGroups: removes groups without members, and their offsets (KIP-229). */
import { DeleteGroups } from '../../protocol/apis/42-delete-groups.ts'
import { Errors } from '../../protocol/errors.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  DeleteGroups,
  { access: 'per-resource' },
  ({ groups, authorizer }: { groups: GroupCoordinator; authorizer: Authorizer }) =>
    async (request, context) => {
      const groupIds = [...new Set(request.groupsNames)]
      const isAllowed = new Set(groupIds.filter(id => authorizer.authorize(context, 'DELETE', 'GROUP', id)))
      const results = await groups.deleteGroups([...isAllowed])
      const refused = groupIds
        .filter(groupId => !isAllowed.has(groupId))
        .map(groupId => ({ groupId, errorCode: Errors.GROUP_AUTHORIZATION_FAILED.code }))
      return { throttleTimeMs: 0, results: [...results, ...refused] }
    },
)
