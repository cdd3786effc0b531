/** DeleteAcls: without an authorizer every filter is refused with SECURITY_DISABLED, as in Kafka. */
import { DeleteAcls } from '../../protocol/apis/31-delete-acls.ts'
import { Errors } from '../../protocol/errors.ts'
import { defineHandler } from './handler.ts'
import { NO_AUTHORIZER } from './rows.ts'

export default defineHandler(DeleteAcls, { access: 'open' }, () => request => ({
  throttleTimeMs: 0,
  filterResults: request.filters.map(() => ({
    errorCode: Errors.SECURITY_DISABLED.code,
    errorMessage: NO_AUTHORIZER,
    matchingAcls: [],
  })),
}))
