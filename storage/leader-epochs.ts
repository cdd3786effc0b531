// Which leader epoch began at which offset, in `leader-epoch-checkpoint` beside the segments. It answers "where did
// epoch n end", from which clients and followers learn that a log was truncated under them.
// In memory it is always current. The file follows when it matters: persist (or persistLater) comes before a recovery point
// passes an assigned epoch (Log.flush, Log.close). All that can be lost until then a start works out again: recovery
// assigns the epochs of the batches it scans, and cuts entries outside [log start, log end), so an epoch without
// records need never be written. This keeps 10,000 elections from costing 10,000 fsyncs.
// Answers to Kafka's LeaderEpochFileCache (KIP-101, KIP-279).
import {
  CorruptCheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  LEADER_EPOCH_CHECKPOINT,
  parseOffset,
} from './checkpoint.ts'
import { StorageError } from './errors.ts'
import { directoryOf, type FileSystem, hasCode } from './fs/port.ts'

const UNDEFINED_EPOCH = -1
const UNDEFINED_EPOCH_OFFSET = -1

export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

export interface EpochEndOffset {
  readonly epoch: number
  readonly endOffset: number
}

export class LeaderEpochs {
  readonly #fs: FileSystem
  #directory: string
  /** Ascending in both. */
  #entries: EpochEntry[] = []
  /** Lowest start offset of an entry that the file lacks. */
  #unsavedFrom = Infinity
  #changes = 0
  #writes = 0

  private constructor(fs: FileSystem, directory: string) {
    this.#fs = fs
    this.#directory = directory
  }

  /** For a log that has no file yet. */
  static empty(fs: FileSystem, directory: string): LeaderEpochs {
    return new LeaderEpochs(fs, directory)
  }

  /** Reads the file; a missing or unreadable one is empty, and recovery fills it from the records. */
  static load(fs: FileSystem, directory: string): LeaderEpochs {
    const epochs = new LeaderEpochs(fs, directory)
    const path = epochs.#path
    try {
      for (const line of decodeCheckpoint(fs.readFile(path), path)) {
        const [epoch, startOffset, ...rest] = line.split(/\s+/)
        if (epoch === undefined || startOffset === undefined || rest.length > 0)
          throw new CorruptCheckpointError(`${path} has a malformed line: "${line}"`)
        epochs.#assign(parseOffset(epoch, path), parseOffset(startOffset, path))
      }
    } catch (error) {
      if (error instanceof CorruptCheckpointError) epochs.#entries = []
      else if (!hasCode(error, 'ENOENT')) throw StorageError.from(error, path, 'reading leader epochs')
    }
    epochs.#unsavedFrom = Infinity
    return epochs
  }

  /** Epoch `epoch` begins at `startOffset`, unless it has begun already. Entries that contradict it are dropped. */
  assign(epoch: number, startOffset: number): void {
    if (epoch < 0 || startOffset < 0) throw new RangeError(`Leader epoch ${epoch} at offset ${startOffset}`)
    if (this.#assign(epoch, startOffset)) this.#unsavedFrom = Math.min(this.#unsavedFrom, startOffset)
  }

  #assign(epoch: number, startOffset: number): boolean {
    const entries = this.#entries
    const latest = entries.at(-1)
    if (latest !== undefined && latest.epoch === epoch && startOffset >= latest.startOffset) return false
    this.#changes++
    while (entries.length > 0) {
      const last = entries[entries.length - 1]!
      if (last.epoch < epoch && last.startOffset < startOffset) break
      entries.pop()
    }
    entries.push({ epoch, startOffset })
    return true
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries
  }

  get earliestEntry(): EpochEntry | undefined {
    return this.#entries[0]
  }

  get latestEntry(): EpochEntry | undefined {
    return this.#entries.at(-1)
  }

  /** The latest epoch that was assigned an offset. */
  get latestEpoch(): number | undefined {
    return this.#entries.at(-1)?.epoch
  }

  /** The one before the latest. */
  get previousEpoch(): number | undefined {
    return this.#entries.at(-2)?.epoch
  }

  /** The epoch in which `offset` was (or will be) written. */
  epochForOffset(offset: number): number | undefined {
    return this.#entries.findLast(entry => entry.startOffset <= offset)?.epoch
  }

  /**
   * The largest known epoch up to the requested one, and where it ended: the start of the next, or the log end.
   * An epoch below all we know ends where our first begins; one above all we know is undefined.
   */
  endOffsetFor(requestedEpoch: number, logEndOffset: number): EpochEndOffset {
    const entries = this.#entries
    if (requestedEpoch === UNDEFINED_EPOCH)
      return { epoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_EPOCH_OFFSET }
    if (requestedEpoch === this.latestEpoch) return { epoch: requestedEpoch, endOffset: logEndOffset }
    const higher = entries.findIndex(entry => entry.epoch > requestedEpoch)
    if (higher < 0) return { epoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_EPOCH_OFFSET }
    const floor = entries[higher - 1]
    return { epoch: floor?.epoch ?? requestedEpoch, endOffset: entries[higher]!.startOffset }
  }

  /** Drops epochs that begin at `endOffset` or later. The file follows when the log has grown past them again. */
  truncateFromEnd(endOffset: number): void {
    if (endOffset < 0) return
    const entries = this.#entries
    while (entries.length > 0 && entries[entries.length - 1]!.startOffset >= endOffset) {
      this.#unsavedFrom = Math.min(this.#unsavedFrom, entries.pop()!.startOffset)
      this.#changes++
    }
  }

  /** Drops epochs that ended before `startOffset`; the one that covers it begins there now. */
  truncateFromStart(startOffset: number): void {
    const entries = this.#entries
    let covering = -1
    while (covering + 1 < entries.length && entries[covering + 1]!.startOffset <= startOffset) covering++
    if (covering < 0) return
    const epoch = entries[covering]!.epoch
    entries.splice(0, covering + 1, { epoch, startOffset })
  }

  /** Forgets all, in the file too. */
  clear(): void {
    this.#entries.length = 0
    this.#write()
  }

  /** Makes every epoch that has records below `logEndOffset` durable. Cheap when the file has them. */
  persist(logEndOffset: number): void {
    if (this.#unsavedFrom < logEndOffset) this.#write()
  }

  /** The same without making the loop wait for the disk. What changes meanwhile counts as unsaved still. */
  async persistLater(logEndOffset: number): Promise<void> {
    if (this.#unsavedFrom >= logEndOffset) return
    const path = this.#path
    const changes = this.#changes
    const writes = this.#writes
    const temporary = `${path}.later`
    try {
      const file = this.#fs.open(temporary, 'create')
      try {
        file.truncate(0)
        file.write(this.#encoded(), 0)
        await file.sync()
      } finally {
        file.close()
      }
      // A write that did not wait has overtaken this one, or the directory has another name.
      if (writes !== this.#writes || path !== this.#path) return await this.persistLater(logEndOffset)
      this.#fs.rename(temporary, path)
      await this.#fs.syncDirLater(directoryOf(path))
    } catch (error) {
      if (path !== this.#path && hasCode(error, 'ENOENT')) return await this.persistLater(logEndOffset)
      throw StorageError.from(error, path, 'writing leader epochs')
    }
    if (changes === this.#changes) this.#unsavedFrom = Infinity
  }

  #encoded(): Buffer {
    return encodeCheckpoint(this.#entries.map(entry => `${entry.epoch} ${entry.startOffset}`))
  }

  updateDirectory(directory: string): void {
    this.#directory = directory
  }

  get #path(): string {
    return `${this.#directory}/${LEADER_EPOCH_CHECKPOINT}`
  }

  #write(): void {
    this.#changes++
    this.#writes++
    try {
      this.#fs.writeFileAtomic(this.#path, this.#encoded())
    } catch (error) {
      throw StorageError.from(error, this.#path, 'writing leader epochs')
    }
    this.#unsavedFrom = Infinity
  }
}
