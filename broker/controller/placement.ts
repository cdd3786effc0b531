// Where the replicas of new partitions go. Kafka's StripedReplicaPlacer with its checks and messages; the striping itself starts at
// the lowest broker id instead of a random one, so that the same cluster and request give the same placement.
import { Errors } from '../../protocol/errors.ts'
import { UNASSIGNED_DIRECTORY } from '../../protocol/uuid.ts'
import type { BrokerRegistration, MetadataImage } from '../metadata/image.ts'
import { ControllerError } from './result.ts'

export const isActive = (broker: BrokerRegistration | undefined): boolean =>
  broker !== undefined && !broker.fenced && !broker.inControlledShutdown

/** Directory of a replica whose place nobody has decided: the broker's only one, or for the broker to choose. */
export function defaultDirectory(image: MetadataImage, brokerId: number): string {
  const directories = image.cluster.brokers.get(brokerId)?.directories ?? []
  return directories.length === 1 ? directories[0]! : UNASSIGNED_DIRECTORY
}

/**
 * Directories for the new replicas of one command: of several, the one with the fewest replicas, cordoned ones left out. Kafka leaves
 * the choice to the broker, which reports it later (KIP-858); in one process the controller can say it at once, and no partition is
 * ever in a directory that the metadata does not know.
 */
export function directoryChooser(image: MetadataImage): (brokerId: number) => string {
  const countsByBroker = new Map<number, Map<string, number>>()
  const countsOf = (broker: BrokerRegistration): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const directory of broker.directories) {
      if (!broker.cordonedDirectories.includes(directory)) counts.set(directory, 0)
    }
    for (const topic of image.topics.byName.values()) {
      for (const { replicas, directories } of topic.partitions.values()) {
        const directory = directories[replicas.indexOf(broker.id)]
        const count = directory === undefined ? undefined : counts.get(directory)
        if (count !== undefined) counts.set(directory!, count + 1)
      }
    }
    return counts
  }
  return brokerId => {
    const broker = image.cluster.brokers.get(brokerId)
    if (broker === undefined || broker.directories.length < 2) return defaultDirectory(image, brokerId)
    const counts = countsByBroker.get(brokerId) ?? countsOf(broker)
    countsByBroker.set(brokerId, counts)
    const [fewest] = [...counts].sort(([, a], [, b]) => a - b)
    if (fewest === undefined) return UNASSIGNED_DIRECTORY
    counts.set(fewest[0], fewest[1] + 1)
    return fewest[0]
  }
}

/** Replica lists of `count` partitions, the first being partition `start`. */
export function placeReplicas(
  image: MetadataImage,
  start: number,
  count: number,
  replicationFactor: number,
): number[][] {
  const brokers = [...image.cluster.brokers.values()].sort((a, b) => a.id - b.id)
  const unfenced = brokers.filter(isUsable)
  if (replicationFactor <= 0) {
    throw new ControllerError(
      Errors.INVALID_REPLICATION_FACTOR,
      `Invalid replication factor ${replicationFactor}: the replication factor must be positive.`,
    )
  }
  if (unfenced.length === 0) {
    throw new ControllerError(
      Errors.INVALID_REPLICATION_FACTOR,
      'All brokers are currently fenced, or have all their log directories cordoned.',
    )
  }
  if (replicationFactor > brokers.length) {
    throw new ControllerError(
      Errors.INVALID_REPLICATION_FACTOR,
      `The target replication factor of ${replicationFactor} cannot be reached because only ${brokers.length} ` +
        'broker(s) are registered, or some brokers have all their log directories cordoned.',
    )
  }
  // Unfenced brokers first, so that every partition can be led.
  const ring = [...unfenced, ...brokers.filter(broker => !isUsable(broker))].map(broker => broker.id)
  return Array.from({ length: count }, (_, i) => {
    const first = (start + i) % unfenced.length
    return Array.from({ length: replicationFactor }, (_, j) => ring[(first + j) % ring.length]!)
  })
}

const isUsable = (broker: BrokerRegistration): boolean =>
  !broker.fenced &&
  !(
    broker.cordonedDirectories.length > 0 &&
    broker.directories.every(directory => broker.cordonedDirectories.includes(directory))
  )

/** A list of replicas that somebody chose by hand. */
export function validateAssignment(
  image: MetadataImage,
  replicas: readonly number[],
  replicationFactor: number | undefined,
): void {
  const refuse = (message: string) => {
    throw new ControllerError(Errors.INVALID_REPLICA_ASSIGNMENT, message)
  }
  if (replicas.length === 0) refuse('The manual partition assignment includes an empty replica list.')
  const seen = new Set<number>()
  for (const brokerId of [...replicas].sort((a, b) => a - b)) {
    if (!image.cluster.brokers.has(brokerId)) {
      refuse(`The manual partition assignment includes broker ${brokerId}, but no such broker is registered.`)
    }
    if (seen.has(brokerId)) {
      refuse(`The manual partition assignment includes the broker ${brokerId} more than once.`)
    }
    seen.add(brokerId)
  }
  if (replicationFactor !== undefined && replicas.length !== replicationFactor) {
    refuse(
      `The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is not ` +
        `consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    )
  }
}
