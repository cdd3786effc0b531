/** DescribeLogDirs: our log directories and what lies in them (KIP-113, KIP-827; cordoned ones KIP-1066). */
import { DescribeLogDirs, type DescribeLogDirsTopic } from '../../protocol/apis/35-describe-log-dirs.ts'
import type { LogDirDescription, Partitions } from '../ports/partitions.ts'
import { defineHandler } from './handler.ts'

export interface DescribeLogDirsNeeds {
  readonly partitions: Partitions
}

export default defineHandler(
  DescribeLogDirs,
  { access: { operation: 'DESCRIBE', resourceType: 'CLUSTER' } },
  ({ partitions }: DescribeLogDirsNeeds) =>
    request => {
      const asked =
        request.topics === null
          ? null
          : new Set(
              request.topics.flatMap(({ topic, partitions: of }) => of.map(index => `${topic}:${index}`)),
            )
      const wanted =
        asked === null ? null : (topic: string, partition: number) => asked.has(`${topic}:${partition}`)
      const results = partitions.describeLogDirs(wanted).map(dir => ({
        errorCode: dir.errorCode,
        logDir: dir.logDir,
        topics: topicsOf(dir),
        totalBytes: dir.totalBytes,
        usableBytes: dir.usableBytes,
        isCordoned: dir.isCordoned,
      }))
      return { throttleTimeMs: 0, errorCode: 0, results }
    },
)

function topicsOf(dir: LogDirDescription): DescribeLogDirsTopic[] {
  const topics = new Map<string, DescribeLogDirsTopic>()
  for (const { topic: name, partition, sizeBytes, offsetLag, isFuture } of dir.replicas) {
    const topic = topics.get(name) ?? { name, partitions: [] }
    topics.set(name, topic)
    topic.partitions.push({
      partitionIndex: partition,
      partitionSize: sizeBytes,
      offsetLag,
      isFutureKey: isFuture,
    })
  }
  return [...topics.values()]
}
