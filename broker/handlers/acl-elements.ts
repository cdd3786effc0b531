/**
 * What the three ACL requests share while nothing authorizes: the one answer, and the elements that make a request unreadable. Answers to
 * the constructors of Kafka's DescribeAclsRequest, CreateAclsRequest and DeleteAclsRequest.
 */
import { ConnectionError } from './handler.ts'

export const NO_AUTHORIZER = 'No Authorizer is configured on the broker'

const UNKNOWN = 0

/** UNKNOWN as resource type, pattern type, operation or permission is not read: the connection closes. */
export function refuseUnknown(api: string, ...codes: readonly number[]): void {
  if (codes.includes(UNKNOWN)) throw new ConnectionError(`${api} with an unknown element`)
}
