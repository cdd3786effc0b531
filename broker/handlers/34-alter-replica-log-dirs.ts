/** AlterReplicaLogDirs: moves replicas between our log directories (KIP-113). Answers to ReplicaManager.alterReplicaLogDirs. */
import { AlterReplicaLogDirs } from '../../protocol/apis/34-alter-replica-log-dirs.ts'
import type { Partitions } from '../ports/partitions.ts'
import { defineHandler } from './handler.ts'

export interface AlterReplicaLogDirsNeeds {
  readonly partitions: Partitions
}

export default defineHandler(
  AlterReplicaLogDirs,
  {
    access: { operation: 'ALTER', resourceType: 'CLUSTER' },
    deviations: [
      'A replica cannot be moved to another log directory yet: INVALID_REPLICA_ASSIGNMENT. Naming the directory it is in succeeds.',
    ],
  },
  ({ partitions }: AlterReplicaLogDirsNeeds) =>
    request => {
      const byTopic = new Map<string, { partitionIndex: number; errorCode: number }[]>()
      for (const { path, topics } of request.dirs) {
        for (const { name, partitions: indexes } of topics) {
          const rows = byTopic.get(name) ?? []
          byTopic.set(name, rows)
          for (const partitionIndex of new Set(indexes)) {
            rows.push({
              partitionIndex,
              errorCode: partitions.alterReplicaLogDir(name, partitionIndex, path),
            })
          }
        }
      }
      const results = [...byTopic].map(([topicName, rows]) => ({ topicName, partitions: rows }))
      return { throttleTimeMs: 0, results }
    },
)
