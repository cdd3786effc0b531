/**
 * Fetch sessions (KIP-227): a fetcher names its partitions once, then only what changed, and is answered only with what changed.
 * Answers to Kafka's FetchSession, FetchContext and FetchSessionCache.
 *
 *   session id  epoch   meaning
 *   any         -1      no session; a session of that id ends
 *   any          0      a full request; a session of that id ends; a new one is made if there is a slot
 *   known        next   incremental: add, update, forget; the rest is as before
 *   known       other   INVALID_FETCH_SESSION_EPOCH, no rows
 *   unknown      > 0    FETCH_SESSION_ID_NOT_FOUND, no rows
 *
 * A partition that sent records goes to the end of the line, so that byte limits starve nobody. Bounds: the number of sessions
 * (max.incremental.fetch.session.cache.slots); a new session may push out one unused for two minutes, a smaller one, or, when it is a
 * follower's, a consumer's.
 */
import { Errors } from '../../protocol/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type {
  FetchAnswer,
  FetchOutcome,
  FetchRow,
  FetchSessionRequest,
  FetchSessions,
  FetchTurn,
} from '../ports/partitions.ts'
import { LinkedMap } from './linked-list.ts'

const INVALID_SESSION_ID = 0
const INITIAL_EPOCH = 0
const FINAL_EPOCH = -1
const EVICTION_MS = 120_000

/** Wraps to 1: 0 means a full fetch, -1 none at all. */
export const nextEpoch = (epoch: number): number =>
  epoch < 0 ? FINAL_EPOCH : epoch === 0x7fff_ffff ? 1 : epoch + 1

interface CachedPartition extends FetchRow {
  readonly key: string
  /** What the fetcher knows: only a difference is worth a row. */
  highWatermark: number
  localLogStartOffset: number
}

interface Session {
  readonly id: number
  readonly privileged: boolean
  readonly usesTopicIds: boolean
  readonly createdMs: number
  lastUsedMs: number
  epoch: number
  /** In the order of reading. */
  readonly partitions: LinkedMap<string, CachedPartition>
}

export interface FetchSessionTableNeeds {
  readonly clock: Clock
  readonly maxSessions: number
  /** A number in [0, 1). */
  readonly random: () => number
}

export class FetchSessionTable implements FetchSessions {
  readonly #needs: FetchSessionTableNeeds
  /** Least recently used first. */
  readonly #sessions = new LinkedMap<number, Session>()
  #evictions = 0

  constructor(needs: FetchSessionTableNeeds) {
    this.#needs = needs
  }

  get size(): number {
    return this.#sessions.size
  }

  get evictions(): number {
    return this.#evictions
  }

  get partitionCount(): number {
    let count = 0
    for (const session of this.#sessions.values()) count += session.partitions.size
    return count
  }

  begin(request: FetchSessionRequest): FetchTurn {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
      if (sessionId !== INVALID_SESSION_ID) this.#sessions.delete(sessionId)
      return sessionEpoch === FINAL_EPOCH ? sessionless(request.rows) : this.#full(request)
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return failed(Errors.FETCH_SESSION_ID_NOT_FOUND.code)
    if (session.epoch !== sessionEpoch) return failed(Errors.INVALID_FETCH_SESSION_EPOCH.code)
    if (session.usesTopicIds !== request.usesTopicIds) return failed(Errors.FETCH_SESSION_TOPIC_ID_ERROR.code)
    update(session, request)
    if (session.partitions.size === 0) {
      this.#sessions.delete(session.id)
      return sessionless(request.rows)
    }
    session.epoch = nextEpoch(session.epoch)
    session.lastUsedMs = this.#needs.clock.monotonicMs()
    this.#sessions.moveToEnd(session.id)
    return incremental(session, request)
  }

  #full(request: FetchSessionRequest): FetchTurn {
    const { rows } = request
    const finish = (outcomes: readonly FetchOutcome[]): FetchAnswer => ({
      errorCode: 0,
      sessionId: this.#tryCreate(request, outcomes),
      send: everyIndex(rows.length),
    })
    return { errorCode: 0, rows, finish }
  }

  #tryCreate(request: FetchSessionRequest, outcomes: readonly FetchOutcome[]): number {
    const now = this.#needs.clock.monotonicMs()
    const { rows, isFollower, usesTopicIds } = request
    // An empty full fetch makes no session in practice: there is nothing to remember, yet Kafka counts it. So do we.
    if (this.#sessions.size >= this.#needs.maxSessions && !this.#evictFor(isFollower, rows.length, now)) {
      return INVALID_SESSION_ID
    }
    const partitions = new LinkedMap<string, CachedPartition>()
    rows.forEach((row, i) => {
      const cached = cache(row, keyOf(row, usesTopicIds))
      cached.highWatermark = outcomes[i]!.highWatermark
      cached.localLogStartOffset = outcomes[i]!.logStartOffset
      partitions.set(cached.key, cached)
    })
    const session: Session = {
      id: this.#newId(),
      privileged: isFollower,
      usesTopicIds,
      createdMs: now,
      lastUsedMs: now,
      epoch: nextEpoch(INITIAL_EPOCH),
      partitions,
    }
    this.#sessions.set(session.id, session)
    return session.id
  }

  #evictFor(privileged: boolean, size: number, now: number): boolean {
    const oldest = this.#sessions.first
    if (oldest === undefined) return false
    const victim =
      now - oldest.lastUsedMs > EVICTION_MS ? oldest : this.#smallestEvictable(privileged, size, now)
    if (victim === undefined) return false
    this.#sessions.delete(victim.id)
    this.#evictions++
    return true
  }

  /** A session gives way to a bigger one once it is two minutes old, and a consumer's to a follower's at any age. */
  #smallestEvictable(privileged: boolean, size: number, now: number): Session | undefined {
    let smallest: Session | undefined
    for (const session of this.#sessions.values()) {
      const grownUp = now - session.createdMs > EVICTION_MS
      if (!(grownUp || (privileged && !session.privileged))) continue
      if (smallest === undefined || givesWayBefore(session, smallest)) smallest = session
    }
    if (smallest === undefined) return undefined
    const mayTake =
      privileged === smallest.privileged
        ? size > smallest.partitions.size
        : privileged && !smallest.privileged
    return mayTake ? smallest : undefined
  }

  #newId(): number {
    for (;;) {
      const id = 1 + Math.floor(this.#needs.random() * 0x7fff_fffe)
      if (!this.#sessions.has(id)) return id
    }
  }
}

const givesWayBefore = (a: Session, b: Session): boolean =>
  a.privileged !== b.privileged ? !a.privileged : a.partitions.size < b.partitions.size

const keyOf = (row: { topic: string; topicId: string; partition: number }, usesTopicIds: boolean): string =>
  `${usesTopicIds ? row.topicId : row.topic}:${row.partition}`

const everyIndex = (length: number): number[] => Array.from({ length }, (_, i) => i)

const cache = (row: FetchRow, key: string): CachedPartition => ({
  topic: row.topic,
  topicId: row.topicId,
  partition: row.partition,
  currentLeaderEpoch: row.currentLeaderEpoch,
  fetchOffset: row.fetchOffset,
  lastFetchedEpoch: row.lastFetchedEpoch,
  logStartOffset: row.logStartOffset,
  maxBytes: row.maxBytes,
  key,
  highWatermark: -1,
  localLogStartOffset: -1,
})

function update(session: Session, request: FetchSessionRequest): void {
  for (const row of request.rows) {
    const key = keyOf(row, session.usesTopicIds)
    const cached = session.partitions.get(key)
    if (cached === undefined) {
      session.partitions.set(key, cache(row, key))
    } else {
      cached.currentLeaderEpoch = row.currentLeaderEpoch
      cached.fetchOffset = row.fetchOffset
      cached.lastFetchedEpoch = row.lastFetchedEpoch
      cached.logStartOffset = row.logStartOffset
      cached.maxBytes = row.maxBytes
    }
  }
  for (const forgotten of request.forgotten) session.partitions.delete(keyOf(forgotten, session.usesTopicIds))
}

function failed(errorCode: number): FetchTurn {
  return { errorCode, rows: [], finish: () => ({ errorCode, sessionId: INVALID_SESSION_ID, send: [] }) }
}

function sessionless(rows: readonly FetchRow[]): FetchTurn {
  const finish = (): FetchAnswer => ({
    errorCode: 0,
    sessionId: INVALID_SESSION_ID,
    send: everyIndex(rows.length),
  })
  return { errorCode: 0, rows, finish }
}

function incremental(session: Session, request: FetchSessionRequest): FetchTurn {
  const rows: CachedPartition[] = []
  for (const cached of session.partitions.values()) {
    // The topic may have come into being since the session learnt its id.
    if (cached.topic === '' && session.usesTopicIds) cached.topic = request.nameOf(cached.topicId) ?? ''
    rows.push(cached)
  }
  const epoch = session.epoch
  const finish = (outcomes: readonly FetchOutcome[]): FetchAnswer => {
    if (session.epoch !== epoch) {
      // A newer request of the session overtook this one while it waited.
      return { errorCode: Errors.INVALID_FETCH_SESSION_EPOCH.code, sessionId: session.id, send: [] }
    }
    const send: number[] = []
    for (let i = 0; i < rows.length; i++) {
      if (noteAndCompare(session, rows[i]!, outcomes[i]!)) send.push(i)
    }
    return { errorCode: 0, sessionId: session.id, send }
  }
  return { errorCode: 0, rows, finish }
}

/** Remembers what the fetcher is being told; true when the row says anything new. */
function noteAndCompare(session: Session, cached: CachedPartition, outcome: FetchOutcome): boolean {
  const hasRecords = outcome.records !== null && outcome.records.length > 0
  const changed =
    hasRecords ||
    cached.highWatermark !== outcome.highWatermark ||
    cached.localLogStartOffset !== outcome.logStartOffset ||
    outcome.preferredReadReplica !== -1 ||
    outcome.errorCode !== 0 ||
    outcome.divergingEpoch !== null
  cached.highWatermark = outcome.errorCode === 0 ? outcome.highWatermark : -1
  cached.localLogStartOffset = outcome.logStartOffset
  if (hasRecords) session.partitions.moveToEnd(cached.key)
  return changed
}
