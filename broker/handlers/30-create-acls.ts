/** CreateAcls: without an authorizer every creation is refused with SECURITY_DISABLED, as in Kafka. */
import { CreateAcls } from '../../protocol/apis/30-create-acls.ts'
import { Errors } from '../../protocol/errors.ts'
import { defineHandler } from './handler.ts'
import { NO_AUTHORIZER } from './rows.ts'

export default defineHandler(CreateAcls, { access: 'open' }, () => request => ({
  throttleTimeMs: 0,
  results: request.creations.map(() => ({
    errorCode: Errors.SECURITY_DISABLED.code,
    errorMessage: NO_AUTHORIZER,
  })),
}))
