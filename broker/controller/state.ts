// The controller's state: the image at the end of the metadata log, committed or not, and the one index that an image lacks.
//
// Promise: a state never changes; `replay` gives the next one. A command that is refused or an append that fails costs nothing:
// the old state is still there. What is not committed has been seen by no publisher.
import { MetadataDelta, type Provenance } from '../metadata/delta.ts'
import type { MetadataImage } from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import { PersistentMap } from '../metadata/persistent-map.ts'
import { hasCollisionChars, unifyCollisionChars } from '../metadata/topic-name.ts'

export interface ControllerState {
  readonly image: MetadataImage
  /** Names with '.' or '_', by the name they share when those two are taken for one character. */
  readonly collisions: PersistentMap<string, readonly string[]>
  /** Offset of the RegisterBrokerRecord of each broker: how far it must have read before it may be unfenced. */
  readonly registrationOffsets: ReadonlyMap<number, number>
}

/** The state that goes with an image: what a restarted controller begins with. */
export function stateOf(image: MetadataImage): ControllerState {
  const collisions = PersistentMap.empty<string, readonly string[]>().edit()
  for (const name of image.topics.byName.keys()) {
    if (!hasCollisionChars(name)) continue
    const unified = unifyCollisionChars(name)
    collisions.set(unified, [...(collisions.get(unified) ?? []), name])
  }
  return { image, collisions: collisions.done(), registrationOffsets: new Map() }
}

/** `records` end at `provenance.offset`. */
export function replay(
  state: ControllerState,
  records: readonly MetadataRecord[],
  provenance: Provenance,
): ControllerState {
  const delta = new MetadataDelta(state.image)
  const collisions = state.collisions.edit()
  let registrationOffsets = state.registrationOffsets
  let offset = provenance.offset - records.length
  for (const record of records) {
    offset++
    if (record.type === 'TopicRecord' && hasCollisionChars(record.value.name)) {
      const unified = unifyCollisionChars(record.value.name)
      collisions.set(unified, [...(collisions.get(unified) ?? []), record.value.name])
    } else if (record.type === 'RemoveTopicRecord') {
      const name = delta.topics.nameOf(record.value.topicId)
      if (name !== undefined && hasCollisionChars(name)) {
        const unified = unifyCollisionChars(name)
        const left = (collisions.get(unified) ?? []).filter(other => other !== name)
        if (left.length === 0) collisions.delete(unified)
        else collisions.set(unified, left)
      }
    } else if (record.type === 'RegisterBrokerRecord') {
      registrationOffsets = new Map(registrationOffsets).set(record.value.brokerId, offset)
    }
    delta.replay(record)
  }
  return { image: delta.apply(provenance), collisions: collisions.done(), registrationOffsets }
}
