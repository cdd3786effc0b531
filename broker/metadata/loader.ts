// From committed batches to published images. Batches come in order and only below the high watermark; each image goes to every
// publisher in the order given. Between the records that begin and end a metadata transaction nothing of it is published; if
// it is aborted, nothing of it ever was. Kafka's MetadataLoader and MetadataBatchLoader (KIP-868).
import { MetadataDelta } from './delta.ts'
import { EMPTY_IMAGE, type MetadataImage, type MetadataSource } from './image.ts'
import { imageRecords } from './image-records.ts'
import type { MetadataBatch } from './metadata-batch.ts'
import type { MetadataRecord } from './metadata-record.ts'
import type { MetadataPublisher } from './publisher.ts'
import { ReplayError } from './replay-error.ts'

export class MetadataLoader implements MetadataSource {
  #image: MetadataImage = EMPTY_IMAGE
  #publishers: readonly MetadataPublisher[] = []
  /** Committed and not in an image yet. */
  #delta = new MetadataDelta(EMPTY_IMAGE)
  #offset = -1
  #epoch = 0
  #timestampMs = 0
  /** The records of the open transaction, which begin after `startOffset`. */
  #transaction: { readonly startOffset: number; readonly records: MetadataRecord[] } | undefined

  current(): MetadataImage {
    return this.#image
  }

  /** Offset of an open transaction's first record; a restarted controller aborts such a one. */
  get openTransactionOffset(): number | undefined {
    return this.#transaction?.startOffset
  }

  /** Offset of the last record that was replayed, published or not. */
  get offset(): number {
    return this.#offset
  }

  get epoch(): number {
    return this.#epoch
  }

  /** Starts anew from a snapshot that ends at `endOffset`. Only before anybody listens. */
  loadSnapshot(
    records: Iterable<MetadataRecord>,
    place: { readonly endOffset: number; readonly epoch: number; readonly timestampMs: number },
  ): void {
    if (this.#publishers.length > 0) throw new ReplayError('a snapshot cannot replace a published image')
    this.#image = EMPTY_IMAGE
    this.#delta = new MetadataDelta(EMPTY_IMAGE)
    this.#transaction = undefined
    for (const record of records) this.#delta.replay(record)
    this.#offset = place.endOffset - 1
    this.#epoch = place.epoch
    this.#timestampMs = place.timestampMs
  }

  replay(batch: MetadataBatch): void {
    if (batch.baseOffset !== this.#offset + 1) {
      throw new ReplayError(`the batch at ${batch.baseOffset} does not follow offset ${this.#offset}`)
    }
    if (batch.epoch < this.#epoch) {
      throw new ReplayError(`the batch at ${batch.baseOffset} has epoch ${batch.epoch}, after ${this.#epoch}`)
    }
    if (batch.kind === 'data') {
      let offset = batch.baseOffset
      for (const record of batch.records) this.#replayRecord(record, offset++)
    }
    this.#offset = batch.lastOffset
    this.#epoch = batch.epoch
    this.#timestampMs = batch.timestampMs
  }

  #replayRecord(record: MetadataRecord, offset: number): void {
    const transaction = this.#transaction
    switch (record.type) {
      case 'BeginTransactionRecord':
        if (transaction !== undefined) {
          throw new ReplayError(`a transaction begins at ${offset} within that of ${transaction.startOffset}`)
        }
        this.#transaction = { startOffset: offset, records: [] }
        return
      case 'EndTransactionRecord':
        if (transaction === undefined) throw new ReplayError(`no transaction to end at ${offset}`)
        for (const each of transaction.records) this.#delta.replay(each)
        this.#transaction = undefined
        return
      case 'AbortTransactionRecord':
        if (transaction === undefined) throw new ReplayError(`no transaction to abort at ${offset}`)
        this.#transaction = undefined
        return
      default:
        if (transaction === undefined) this.#delta.replay(record)
        else transaction.records.push(record)
    }
  }

  /** Makes the image of what was replayed, up to the begin of an open transaction, and tells everybody. */
  publish(): void {
    const offset = this.#transaction === undefined ? this.#offset : this.#transaction.startOffset - 1
    if (offset <= this.#image.offset) return
    const delta = this.#delta
    this.#image = delta.apply({ offset, epoch: this.#epoch, timestampMs: this.#timestampMs })
    this.#delta = new MetadataDelta(this.#image)
    for (const publisher of this.#publishers) publisher.onUpdate(delta, this.#image)
  }

  /** From now on everybody in the list is told, beginning with all there is as one delta from nothing. */
  start(publishers: readonly MetadataPublisher[]): void {
    this.publish()
    this.#publishers = publishers
    const delta = new MetadataDelta(EMPTY_IMAGE)
    for (const record of imageRecords(this.#image)) delta.replay(record)
    const image = delta.apply(this.#image)
    // Equal to the image there was, made anew so that the delta and it belong together.
    this.#image = image
    this.#delta = new MetadataDelta(image)
    for (const publisher of publishers) publisher.onUpdate(delta, image)
  }
}
