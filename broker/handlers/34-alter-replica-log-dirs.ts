/** AlterReplicaLogDirs: moves replicas between our log directories (KIP-113). Answers to ReplicaManager.alterReplicaLogDirs. */
import { AlterReplicaLogDirs } from '../../protocol/apis/34-alter-replica-log-dirs.ts'
import type { Partitions } from '../ports/partitions.ts'
import { defineHandler } from './handler.ts'
import { RowsByTopic } from './rows.ts'

export interface AlterReplicaLogDirsNeeds {
  readonly partitions: Partitions
}

export default defineHandler(
  AlterReplicaLogDirs,
  {
    access: { operation: 'ALTER', resourceType: 'CLUSTER' },
    deviations: [
      'Replicas move one after the other, and one that does not exist yet cannot be given a place.',
    ],
  },
  ({ partitions }: AlterReplicaLogDirsNeeds) =>
    request => {
      // One row for a partition, however often it is named; the last directory counts.
      const asked = new RowsByTopic<{ partitionIndex: number; path: string }>()
      for (const { path, topics } of request.dirs)
        for (const { name, partitions: indexes } of topics)
          for (const partitionIndex of indexes) asked.set(name, partitionIndex, { partitionIndex, path })
      const results = asked.topics.map(({ name, partitions: rows }) => ({
        topicName: name,
        partitions: rows.map(({ partitionIndex, path }) => ({
          partitionIndex,
          errorCode: partitions.alterReplicaLogDir(name, partitionIndex, path),
        })),
      }))
      return { throttleTimeMs: 0, results }
    },
)
