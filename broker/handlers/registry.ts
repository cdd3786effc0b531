/**
 * Every API key we answer, in key order: the one list. ApiVersions, dispatch, per-API metrics and docs/api-table.md derive from it, on
 * each kind of listener by what the handlers say of themselves (`handlersOn`).
 * A new key is a numbered file in this folder and a line here.
 */
import produce from './00-produce.ts'
import fetch from './01-fetch.ts'
import listOffsets from './02-list-offsets.ts'
import metadata from './03-metadata.ts'
import offsetCommit from './08-offset-commit.ts'
import offsetFetch from './09-offset-fetch.ts'
import findCoordinator from './10-find-coordinator.ts'
import joinGroup from './11-join-group.ts'
import heartbeat from './12-heartbeat.ts'
import leaveGroup from './13-leave-group.ts'
import syncGroup from './14-sync-group.ts'
import describeGroups from './15-describe-groups.ts'
import listGroups from './16-list-groups.ts'
import apiVersions from './18-api-versions.ts'
import createTopics from './19-create-topics.ts'
import deleteTopics from './20-delete-topics.ts'
import deleteRecords from './21-delete-records.ts'
import initProducerId from './22-init-producer-id.ts'
import offsetForLeaderEpoch from './23-offset-for-leader-epoch.ts'
import describeAcls from './29-describe-acls.ts'
import createAcls from './30-create-acls.ts'
import deleteAcls from './31-delete-acls.ts'
import describeConfigs from './32-describe-configs.ts'
import alterConfigs from './33-alter-configs.ts'
import alterReplicaLogDirs from './34-alter-replica-log-dirs.ts'
import describeLogDirs from './35-describe-log-dirs.ts'
import createPartitions from './37-create-partitions.ts'
import deleteGroups from './42-delete-groups.ts'
import electLeaders from './43-elect-leaders.ts'
import incrementalAlterConfigs from './44-incremental-alter-configs.ts'
import alterPartitionReassignments from './45-alter-partition-reassignments.ts'
import listPartitionReassignments from './46-list-partition-reassignments.ts'
import offsetDelete from './47-offset-delete.ts'
import describeQuorum from './55-describe-quorum.ts'
import updateFeatures from './57-update-features.ts'
import describeCluster from './60-describe-cluster.ts'
import describeProducers from './61-describe-producers.ts'
import unregisterBroker from './64-unregister-broker.ts'
import listConfigResources from './74-list-config-resources.ts'
import describeTopicPartitions from './75-describe-topic-partitions.ts'
import type { AnyApi, Handle, HandlerDefinition, ListenerType } from './handler.ts'

export const handlers = [
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  apiVersions,
  createTopics,
  deleteTopics,
  deleteRecords,
  initProducerId,
  offsetForLeaderEpoch,
  describeAcls,
  createAcls,
  deleteAcls,
  describeConfigs,
  alterConfigs,
  alterReplicaLogDirs,
  describeLogDirs,
  createPartitions,
  deleteGroups,
  electLeaders,
  incrementalAlterConfigs,
  alterPartitionReassignments,
  listPartitionReassignments,
  offsetDelete,
  describeQuorum,
  updateFeatures,
  describeCluster,
  describeProducers,
  unregisterBroker,
  listConfigResources,
  describeTopicPartitions,
] as const satisfies readonly HandlerDefinition<AnyApi, never>[]

// One function per handler before the union is taken: a handler that needs nothing would otherwise turn it all into unknown.
type Asks<H> = H extends HandlerDefinition<infer _A, infer Needs> ? (needs: Needs) => void : never
type Together<Functions> = [Functions] extends [(needs: infer All) => void] ? All : never
/** All ports that some handler asks for: what the composition root has to hand over. */
export type Services = Together<Asks<(typeof handlers)[number]>>

/** A handler bound to its needs, as the pipeline sees it: bodies are opaque there. */
export interface BoundHandler {
  readonly definition: HandlerDefinition<AnyApi, never>
  readonly handle: Handle<unknown, unknown, unknown>
}

export function bindAll(
  definitions: readonly HandlerDefinition<AnyApi, never>[],
  services: object,
): ReadonlyMap<number, BoundHandler> {
  const bound = new Map<number, BoundHandler>()
  for (const definition of definitions) {
    // The services type is the intersection of all needs, so each handler finds its own in it.
    const handle = definition.bind(services as never) as unknown as BoundHandler['handle']
    bound.set(definition.api.key, { definition, handle })
  }
  return bound
}

/** What one kind of listener serves: everything else closes a connection there. */
export const handlersOn = (listener: ListenerType): readonly (typeof handlers)[number][] =>
  handlers.filter(definition => definition.listeners.includes(listener))

/** What ApiVersions says we serve. */
export function servedRanges(
  definitions: readonly HandlerDefinition<AnyApi, never>[],
): { apiKey: number; minVersion: number; maxVersion: number }[] {
  return definitions.map(({ api, serves }) => ({
    apiKey: api.key,
    minVersion: serves[0],
    maxVersion: serves[1],
  }))
}
