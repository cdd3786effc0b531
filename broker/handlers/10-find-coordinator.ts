/**
 * FindCoordinator: which broker coordinates a group: the leader of the partition of __consumer_offsets that the group id hashes to.
 * The topic is made when the first client asks; until it has a leader the answer is COORDINATOR_NOT_AVAILABLE, and clients come back.
 */
import { type Coordinator, FindCoordinator } from '../../protocol/apis/10-find-coordinator.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataSource } from '../metadata/image.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { Endpoints } from '../ports/endpoints.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { type InternalTopics, OFFSETS_TOPIC } from '../ports/internal-topics.ts'
import { defineHandler, type RequestContext } from './handler.ts'

const KeyType = { GROUP: 0, TRANSACTION: 1, SHARE: 2 } as const

export interface Needs {
  readonly groups: GroupCoordinator
  readonly internalTopics: InternalTopics
  readonly authorizer: Authorizer
  readonly metadata: MetadataSource
  readonly endpoints: Endpoints
}

export default defineHandler(
  FindCoordinator,
  {
    access: 'per-resource',
    deviations: [
      'Transactions are not coordinated yet: a transactional id is always answered COORDINATOR_NOT_AVAILABLE.',
      'Share groups are not coordinated yet: a share key is always answered INVALID_REQUEST.',
    ],
  },
  (needs: Needs) => (request, context, facts) => {
    const { authorizer } = needs
    const find = (key: string): Coordinator => {
      switch (request.keyType) {
        case KeyType.GROUP:
          if (!authorizer.authorize(context, 'DESCRIBE', 'GROUP', key))
            return notFound(key, Errors.GROUP_AUTHORIZATION_FAILED)
          return groupCoordinator(needs, key, context)
        case KeyType.TRANSACTION:
          if (!authorizer.authorize(context, 'DESCRIBE', 'TRANSACTIONAL_ID', key))
            return notFound(key, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
          return notFound(key, Errors.COORDINATOR_NOT_AVAILABLE)
        case KeyType.SHARE:
          if (facts.shareGroups && !authorizer.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME))
            return notFound(key, Errors.CLUSTER_AUTHORIZATION_FAILED)
          return notFound(key, Errors.INVALID_REQUEST)
        default:
          return { ...notFound(key, Errors.INVALID_REQUEST), errorMessage: Errors.INVALID_REQUEST.message }
      }
    }
    return { throttleTimeMs: 0, coordinators: request.coordinatorKeys.map(find) }
  },
)

function groupCoordinator(needs: Needs, groupId: string, context: RequestContext): Coordinator {
  const { groups, internalTopics, metadata, endpoints } = needs
  const topic = metadata.current().topics.byName.get(OFFSETS_TOPIC)
  if (topic === undefined) {
    internalTopics.create(OFFSETS_TOPIC)
    return notFound(groupId, Errors.COORDINATOR_NOT_AVAILABLE)
  }
  const leader = topic.partitions.get(groups.partitionFor(groupId))?.leader ?? -1
  const endpoint = leader < 0 ? undefined : endpoints.endpointOf(leader, context)
  if (endpoint === undefined) return notFound(groupId, Errors.COORDINATOR_NOT_AVAILABLE)
  const { nodeId, host, port } = endpoint
  return { key: groupId, nodeId, host, port, errorCode: Errors.NONE.code, errorMessage: '' }
}

function notFound(key: string, error: { readonly code: number }): Coordinator {
  return { key, nodeId: -1, host: '', port: -1, errorCode: error.code, errorMessage: '' }
}
