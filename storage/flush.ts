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
  readonly #fail: (error: unknown) => StorageError
  readonly #onFlushed: () => void
  #underWay: Promise<void> | null = null
  #next: Promise<void> | null = null
  #refusal: StorageError | null = null
  #isClosed = false
  lastFlushMs: number

  /** `fail` takes the log offline and answers the error to throw. */
  constructor(state: LogState, onFlushed: () => void, fail: (error: unknown) => StorageError) {
    this.#state = state
    this.#onFlushed = onFlushed
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
      this.#refusal = this.#fail(error)
      throw this.#refusal
    }
    this.lastFlushMs = state.clock.nowMs()
    if (state.truncations !== truncations) return
    state.recoveryPoint = Math.max(state.recoveryPoint, target)
    this.#onFlushed()
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
