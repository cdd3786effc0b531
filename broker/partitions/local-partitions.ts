/**
 * The partitions port (ports/partitions.ts) over the partitions this broker hosts. Each method is a line or a short loop; the work is in
 * append-rows.ts, fetch-rows.ts, fetch-sessions.ts and partition.ts.
 */
import { Errors } from '../../protocol/errors.ts'
import { isInternalTopic } from '../ports/internal-topics.ts'
import type {
  ActiveProducer,
  AppendOptions,
  AppendOutcome,
  AppendRow,
  DeleteRecordsOutcome,
  DeleteRecordsRow,
  EpochEnd,
  EpochQuery,
  FetchOptions,
  FetchOutcome,
  FetchRow,
  FetchSessions,
  LogDirDescription,
  OffsetFound,
  OffsetQuery,
  Partitions,
} from '../ports/partitions.ts'
import { type AppendNeeds, appendRows } from './append-rows.ts'
import { type FetchNeeds, fetchRows } from './fetch-rows.ts'
import { codeOf, PartitionError } from './partition-error.ts'
import type { ReplicaAlterLogDirs } from './replica-alter-log-dirs.ts'

/** What we need of the log manager to answer for log directories. */
export interface LogDirSource {
  describe(): readonly LogDirDescription[]
}

export interface LocalPartitionsNeeds extends AppendNeeds, FetchNeeds {
  readonly sessions: FetchSessions
  readonly logDirs: LogDirSource
  readonly moves: Pick<ReplicaAlterLogDirs, 'move'>
}

export class LocalPartitions implements Partitions {
  readonly #needs: LocalPartitionsNeeds
  readonly sessions: FetchSessions

  constructor(needs: LocalPartitionsNeeds) {
    this.#needs = needs
    this.sessions = needs.sessions
  }

  append(rows: readonly AppendRow[], options: AppendOptions): AppendOutcome[] | Promise<AppendOutcome[]> {
    return appendRows(this.#needs, rows, options)
  }

  fetch(rows: readonly FetchRow[], options: FetchOptions): FetchOutcome[] | Promise<FetchOutcome[]> {
    return fetchRows(this.#needs, rows, options)
  }

  offsetFor(query: OffsetQuery): OffsetFound {
    try {
      return this.#needs.map.get(query.topic, query.partition).offsetFor(query)
    } catch (error) {
      const errorCode = this.#codeFor('list offsets', query, error)
      return { errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 }
    }
  }

  legacyOffsetsBefore(query: OffsetQuery, maxOffsets: number): { errorCode: number; offsets: number[] } {
    try {
      const offsets = this.#needs.map.get(query.topic, query.partition).legacyOffsetsBefore(query, maxOffsets)
      return { errorCode: 0, offsets }
    } catch (error) {
      return { errorCode: this.#codeFor('list offsets', query, error), offsets: [] }
    }
  }

  endOffsetForEpoch(query: EpochQuery): EpochEnd {
    try {
      const partition = this.#needs.map.get(query.topic, query.partition)
      return partition.endOffsetForEpoch(query.currentLeaderEpoch, query.leaderEpoch)
    } catch (error) {
      return {
        errorCode: this.#codeFor('offset for leader epoch', query, error),
        leaderEpoch: -1,
        endOffset: -1,
      }
    }
  }

  /** One node: our log start is the low watermark, so nothing has to be waited for. */
  deleteRecords(rows: readonly DeleteRecordsRow[]): DeleteRecordsOutcome[] {
    return rows.map(row => {
      try {
        if (isInternalTopic(row.topic)) throw new PartitionError(Errors.INVALID_TOPIC_EXCEPTION.code)
        const partition = this.#needs.map.get(row.topic, row.partition)
        partition.deleteRecords(row.offset)
        return { errorCode: 0, lowWatermark: partition.lowWatermark() }
      } catch (error) {
        return { errorCode: this.#codeFor('delete records', row, error), lowWatermark: -1 }
      }
    })
  }

  describeLogDirs(wanted: ((topic: string, partition: number) => boolean) | null): LogDirDescription[] {
    return this.#needs.logDirs.describe().map(dir => ({
      ...dir,
      replicas: wanted === null ? dir.replicas : dir.replicas.filter(one => wanted(one.topic, one.partition)),
    }))
  }

  alterReplicaLogDir(topic: string, partition: number, logDir: string): number {
    return this.#needs.moves.move(topic, partition, logDir)
  }

  activeProducers(topic: string, partition: number): { errorCode: number; producers: ActiveProducer[] } {
    try {
      return { errorCode: 0, producers: this.#needs.map.get(topic, partition).activeProducers() }
    } catch (error) {
      return { errorCode: this.#codeFor('describe producers', { topic, partition }, error), producers: [] }
    }
  }

  #codeFor(doing: string, at: { topic: string; partition: number }, error: unknown): number {
    const code = codeOf(error)
    if (code === undefined) this.#needs.onBug(`${doing} on ${at.topic}-${at.partition}`, error)
    return code ?? Errors.UNKNOWN_SERVER_ERROR.code
  }
}
