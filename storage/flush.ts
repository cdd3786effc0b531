// Makes a log durable up to its end and moves its recovery point there. One flush is under way at a time; everyone who
// asks meanwhile shares the next one. What is synced, in this order:
//   leader epochs        if one began below the offset and the file lacks it
//   each segment's log   from the recovery point on
//   finished indexes     of segments rolled away since; those of the active one are rebuilt after a crash
//   producer snapshots   written at a roll
//   the directory        if files were made in it since (and the log directory, if the directory itself is new)
// A failed fsync is final: the kernel may have dropped the pages it could not write, and a second fsync would lie.

import { StorageError } from './errors.ts'
import { directoryOf, hasCode } from './fs/port.ts'
import type { LogState } from './log-state.ts'

export class LogFlush {
  readonly #state: LogState
  readonly #fail: (error: unknown, doing: string) => unknown
  readonly #listeners = new Set<(flushedOffset: number) => void>()
  /** A flush is owed up to here: until then nothing beyond the flushed offset may be acknowledged. */
  #owedOffset = 0
  #underWay: Promise<void> | null = null
  #next: Promise<void> | null = null
  #refusal: StorageError | null = null
  #isClosed = false
  lastFlushMs: number

  /** `fail` takes the log offline where the disk failed, and answers the error to throw. */
  constructor(state: LogState, fail: (error: unknown, doing: string) => unknown) {
    this.#state = state
    this.#fail = fail
    this.lastFlushMs = state.clock.nowMs()
  }

  /** Resolves when everything below `offset` is on the disk, unless it was truncated meanwhile. */
  async flush(offset: number): Promise<void> {
    while (this.#state.recoveryPoint < Math.min(offset, this.#state.offsets.logEnd)) await this.#joinOrStart()
  }

  close(): void {
    this.#isClosed = true
  }

  // ---- what is owed

  /** What an ack, a watermark or a reply may reach: the log end, or the flushed offset while a flush is owed. */
  get ackableOffset(): number {
    const { recoveryPoint, offsets } = this.#state
    return recoveryPoint >= this.#owedOffset ? offsets.logEnd : recoveryPoint
  }

  owe(offset: number): void {
    this.#owedOffset = offset
  }

  /** What was above is not in the log any more. */
  oweAtMost(offset: number): void {
    this.#owedOffset = Math.min(this.#owedOffset, offset)
  }

  /** Called after each flush with the flushed offset; returns how to stop that. */
  onFlushed(listener: (flushedOffset: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  // ---- more than a flush

  /** The bytes above the flushed offset are on the disk when it returns. The flushed offset stays. */
  syncNow(): void {
    const { segments, recoveryPoint, fs, directory } = this.#state
    for (const segment of segments.between(recoveryPoint, Infinity)) segment.log.syncNow()
    fs.syncDir(directory)
  }

  /** Indexes, producers and the names in the directory reach the disk too. Without news since the last time it costs nothing. */
  async settle(): Promise<void> {
    const { offsets, producers, segments, fs, directory } = this.#state
    await this.flush(offsets.logEnd)
    try {
      const snapshot = producers.takeSnapshot({ sync: false })
      if (snapshot === undefined) return
      await segments.active.settle()
      const file = fs.open(snapshot, 'write')
      await file.sync().finally(() => file.close())
      await fs.syncDirLater(directory)
    } catch (error) {
      throw this.#fail(error, 'settling')
    }
  }

  // ---- one flush

  #joinOrStart(): Promise<void> {
    if (this.#underWay === null) {
      this.#underWay = this.#run().finally(() => {
        this.#underWay = null
      })
      return this.#underWay
    }
    this.#next ??= this.#underWay
      .catch(() => {})
      .then(() => {
        this.#next = null
        return this.#joinOrStart()
      })
    return this.#next
  }

  async #run(): Promise<void> {
    const state = this.#state
    const target = state.offsets.logEnd
    const { truncations } = state
    this.#checkOpen()
    try {
      await this.#sync(target)
    } catch (error) {
      // A log closed or given up under a flush is no failure of the disk.
      this.#checkOpen()
      this.#refusal = this.#fail(error, 'flushing') as StorageError
      throw this.#refusal
    }
    this.lastFlushMs = state.clock.nowMs()
    if (state.truncations !== truncations) return
    state.recoveryPoint = Math.max(state.recoveryPoint, target)
    for (const listener of this.#listeners) listener(state.recoveryPoint)
  }

  async #sync(target: number): Promise<void> {
    const state = this.#state
    await state.epochs.persistLater(target)
    this.#checkOpen()
    for (const segment of state.segments.between(state.recoveryPoint, target)) {
      await segment.syncLog()
      this.#checkOpen()
    }
    for (const segment of state.unsyncedIndexes.splice(0)) {
      await segment.syncIndexes()
      this.#checkOpen()
    }
    for (const path of state.unsyncedSnapshots.splice(0)) await this.#syncSnapshot(path)
    while (state.directoryChanged) await this.#syncDirectory()
  }

  async #syncSnapshot(path: string): Promise<void> {
    const { fs } = this.#state
    if (!fs.exists(path)) return
    const file = fs.open(path, 'write')
    try {
      await file.sync()
    } finally {
      file.close()
    }
    this.#checkOpen()
  }

  async #syncDirectory(): Promise<void> {
    const state = this.#state
    const { directory } = state
    state.directoryChanged = false
    try {
      await state.fs.syncDirLater(directory)
    } catch (error) {
      // It was renamed under us, which asks for another sync anyway.
      if (state.directory === directory || !hasCode(error, 'ENOENT')) throw error
    }
    this.#checkOpen()
    if (!state.isNewDirectory) return
    await state.fs.syncDirLater(directoryOf(directory))
    state.isNewDirectory = false
    this.#checkOpen()
  }

  #checkOpen(): void {
    if (this.#refusal !== null) throw this.#refusal
    const { directory } = this.#state
    if (this.#isClosed) throw new StorageError('closed', directory, `${directory} is closed`)
  }
}
