/** DeleteAcls: without an authorizer every filter is refused with SECURITY_DISABLED, as in Kafka. */
import { DeleteAcls } from '../../protocol/apis/31-delete-acls.ts'
import { Errors } from '../../protocol/errors.ts'
import { defineHandler } from './handler.ts'
import { NO_AUTHORIZER, refuseUnknown } from './acl-elements.ts'

export default defineHandler(DeleteAcls, { access: 'open' }, () => request => {
  for (const { resourceTypeFilter, patternTypeFilter, operation, permissionType } of request.filters)
    refuseUnknown('DeleteAcls', resourceTypeFilter, patternTypeFilter, operation, permissionType)
  return {
    throttleTimeMs: 0,
    filterResults: request.filters.map(() => ({
      errorCode: Errors.SECURITY_DISABLED.code,
      errorMessage: NO_AUTHORIZER,
      matchingAcls: [],
    })),
  }
})
