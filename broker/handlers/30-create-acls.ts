/** CreateAcls: without an authorizer every creation is refused with SECURITY_DISABLED, as in Kafka. */
import { CreateAcls } from '../../protocol/apis/30-create-acls.ts'
import { Errors } from '../../protocol/errors.ts'
import { defineHandler } from './handler.ts'
import { NO_AUTHORIZER, refuseUnknown } from './acl-elements.ts'

export default defineHandler(CreateAcls, { access: 'open' }, () => request => {
  for (const { resourceType, resourcePatternType, operation, permissionType } of request.creations)
    refuseUnknown('CreateAcls', resourceType, resourcePatternType, operation, permissionType)
  return {
    throttleTimeMs: 0,
    results: request.creations.map(() => ({
      errorCode: Errors.SECURITY_DISABLED.code,
      errorMessage: NO_AUTHORIZER,
    })),
  }
})
