// Who is told about new images, and in which order: the order of the list in broker.ts, every time, one after the other.
//
// The first call carries the whole image as a delta from the empty one. Images contain committed records only and never the inside
// of an open metadata transaction. Kafka's MetadataPublisher.
import type { MetadataDelta } from './delta.ts'
import type { MetadataImage } from './image.ts'

export type { MetadataDelta } from './delta.ts'

export interface MetadataPublisher {
  readonly name: string
  /** `delta.before` is the image of the call before. Must not throw for anything a client can cause. */
  onUpdate(delta: MetadataDelta, image: MetadataImage): void
}
