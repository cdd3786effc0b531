/**
 * Who may do what. Handlers ask before they act; an authorizer answers and never sends. Names are Kafka's (AclOperation,
 * ResourceType), codes are those of the wire, so that authorized-operations bit fields (KIP-430) can be built from the same table.
 */
import type { RequestContext } from './request-context.ts'

export const AclOperations = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const
export type AclOperation = keyof typeof AclOperations

export const ResourceTypes = {
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const
export type ResourceType = keyof typeof ResourceTypes

/** The one name a CLUSTER resource has. */
export const CLUSTER_NAME = 'kafka-cluster'

export interface Authorizer {
  /** False when nothing is configured: ACL requests then answer SECURITY_DISABLED. */
  readonly enabled: boolean
  authorize(
    context: RequestContext,
    operation: AclOperation,
    resourceType: ResourceType,
    resourceName: string,
  ): boolean
  /** May the principal do this to any resource of the type at all? (KIP-679; InitProducerId asks WRITE on any topic.) */
  authorizeByResourceType(
    context: RequestContext,
    operation: AclOperation,
    resourceType: ResourceType,
  ): boolean
}

const operationsOn: { readonly [type in ResourceType]: readonly AclOperation[] } = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DESCRIBE', 'DELETE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DESCRIBE', 'DELETE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: [
    'CREATE',
    'CLUSTER_ACTION',
    'DESCRIBE_CONFIGS',
    'ALTER_CONFIGS',
    'IDEMPOTENT_WRITE',
    'ALTER',
    'DESCRIBE',
  ],
  TRANSACTIONAL_ID: ['DESCRIBE', 'WRITE', 'TWO_PHASE_COMMIT'],
  DELEGATION_TOKEN: ['DESCRIBE'],
  USER: ['CREATE_TOKENS', 'DESCRIBE_TOKENS'],
}

/** "Not asked for" in every authorized-operations field. */
export const OPERATIONS_NOT_REQUESTED = -2147483648

/** The bit field of KIP-430: bit n is set when the operation with code n is allowed. */
export function authorizedOperations(
  authorizer: Authorizer,
  context: RequestContext,
  resourceType: ResourceType,
  resourceName: string,
): number {
  let bits = 0
  for (const operation of operationsOn[resourceType]) {
    if (authorizer.authorize(context, operation, resourceType, resourceName)) {
      bits |= 1 << AclOperations[operation]
    }
  }
  return bits
}
