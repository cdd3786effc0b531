// The producer snapshots in a partition's directory: which there are, written, read, and deleted with what they are about. What is in
// one of them: producer-snapshot.ts. Answers to the snapshot files of Kafka's ProducerStateManager.
import { StorageError } from './errors.ts'
import type { FileSystem } from './fs/port.ts'
import type { ProducerEntry } from './producer-entry.ts'
import {
  CorruptSnapshotError,
  producerSnapshotName,
  producerSnapshotOffset,
  readProducerSnapshot,
  writeProducerSnapshot,
} from './producer-snapshot.ts'

export class ProducerSnapshots {
  readonly #fs: FileSystem
  #directory: string
  /** Ascending. */
  #offsets: number[]

  constructor(fs: FileSystem, directory: string, fileNames: readonly string[]) {
    this.#fs = fs
    this.#directory = directory
    this.#offsets = fileNames
      .map(producerSnapshotOffset)
      .filter(offset => offset !== undefined)
      .sort((a, b) => a - b)
  }

  get latestOffset(): number | undefined {
    return this.#offsets.at(-1)
  }

  get oldestOffset(): number | undefined {
    return this.#offsets[0]
  }

  has(offset: number): boolean {
    return this.#offsets.includes(offset)
  }

  /** Answers its path. */
  write(offset: number, producers: ReadonlyMap<number, ProducerEntry>, sync: boolean): string {
    const path = this.#pathOf(offset)
    const bytes = writeProducerSnapshot(producers)
    try {
      // A torn file fails its checksum and is passed over, so the name may appear before the bytes are durable.
      const file = this.#fs.open(path, 'create')
      try {
        file.truncate(0)
        file.write(bytes, 0)
        if (sync) file.syncNow()
      } finally {
        file.close()
      }
    } catch (error) {
      throw StorageError.from(error, path, 'writing the producer snapshot')
    }
    this.#remember(offset)
    return path
  }

  /** The newest that is whole; those that are not are deleted on the way to it. */
  readLatest(): { readonly offset: number; readonly entries: readonly ProducerEntry[] } | undefined {
    for (let offset = this.latestOffset; offset !== undefined; offset = this.latestOffset) {
      try {
        return { offset, entries: readProducerSnapshot(this.#fs.readFile(this.#pathOf(offset))) }
      } catch (error) {
        if (!(error instanceof CorruptSnapshotError))
          throw StorageError.from(error, this.#pathOf(offset), 'reading the producer snapshot')
        this.delete(offset)
      }
    }
    return undefined
  }

  delete(offset: number): void {
    if (!this.#forget(offset)) return
    this.#fs.unlink(this.#pathOf(offset))
  }

  deleteAll(): void {
    this.#deleteWhere(() => true)
  }

  deleteBefore(offset: number): void {
    this.#deleteWhere(snapshot => snapshot < offset)
  }

  /** Those that a log of (logStartOffset, logEndOffset] has no use for. */
  deleteOutside(logStartOffset: number, logEndOffset: number): void {
    this.#deleteWhere(offset => offset > logEndOffset || offset <= logStartOffset)
  }

  /** Keeps the snapshots at segment starts and the newest one beyond the last segment's start. */
  removeStrays(segmentBaseOffsets: Iterable<number>): void {
    const bases = new Set(segmentBaseOffsets)
    const lastBase = Math.max(-1, ...bases)
    const strays = this.#offsets.filter(offset => !bases.has(offset))
    const newest = strays.at(-1)
    for (const offset of strays)
      if (offset !== newest || (bases.size > 0 && offset < lastBase)) this.delete(offset)
  }

  /** Renames a snapshot to `.deleted` and answers its path: it goes with its segment after file.delete.delay.ms. */
  markForDeletion(offset: number): string | undefined {
    if (!this.#forget(offset)) return undefined
    const path = this.#pathOf(offset)
    if (!this.#fs.exists(path)) return undefined
    this.#fs.rename(path, `${path}.deleted`)
    return `${path}.deleted`
  }

  /** The partition's directory was renamed. */
  updateDirectory(directory: string): void {
    this.#directory = directory
  }

  #deleteWhere(isDoomed: (offset: number) => boolean): void {
    for (const offset of this.#offsets.filter(isDoomed)) this.delete(offset)
  }

  #pathOf(offset: number): string {
    return `${this.#directory}/${producerSnapshotName(offset)}`
  }

  #remember(offset: number): void {
    if (this.#offsets.includes(offset)) return
    this.#offsets.push(offset)
    this.#offsets.sort((a, b) => a - b)
  }

  #forget(offset: number): boolean {
    const at = this.#offsets.indexOf(offset)
    if (at < 0) return false
    this.#offsets.splice(at, 1)
    return true
  }
}
