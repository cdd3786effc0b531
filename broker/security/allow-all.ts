/** The authorizer of a broker without `authorizer.class.name`: everyone may do everything, and ACL requests answer SECURITY_DISABLED. */
import type { Authorizer } from '../ports/authorizer.ts'

export const allowAll: Authorizer = {
  enabled: false,
  authorize: () => true,
  authorizeByResourceType: () => true,
}
