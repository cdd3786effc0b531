/** DescribeAcls: without an authorizer there is nothing to describe, and Kafka says so. */
import { DescribeAcls } from '../../protocol/apis/29-describe-acls.ts'
import { Errors } from '../../protocol/errors.ts'
import { ConnectionError, defineHandler } from './handler.ts'
import { NO_AUTHORIZER } from './rows.ts'

export default defineHandler(
  DescribeAcls,
  { access: 'open', deviations: ['There is no authorizer yet: ACL requests answer SECURITY_DISABLED.'] },
  () => request => {
    const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = request
    // UNKNOWN (0) in any of them makes the request unreadable.
    const isReadable = [resourceTypeFilter, patternTypeFilter, operation, permissionType].every(
      code => code !== 0,
    )
    if (!isReadable) throw new ConnectionError('DescribeAcls with an unknown element')
    return DescribeAcls.response.create({
      errorCode: Errors.SECURITY_DISABLED.code,
      errorMessage: NO_AUTHORIZER,
    })
  },
)
