/** DescribeAcls: without an authorizer there is nothing to describe, and Kafka says so. */
import { DescribeAcls } from '../../protocol/apis/29-describe-acls.ts'
import { Errors } from '../../protocol/errors.ts'
import { NO_AUTHORIZER, refuseUnknown } from './acl-elements.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  DescribeAcls,
  { access: 'open', deviations: ['There is no authorizer yet: ACL requests answer SECURITY_DISABLED.'] },
  () => request => {
    const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = request
    refuseUnknown('DescribeAcls', resourceTypeFilter, patternTypeFilter, operation, permissionType)
    return DescribeAcls.response.create({
      errorCode: Errors.SECURITY_DISABLED.code,
      errorMessage: NO_AUTHORIZER,
    })
  },
)
