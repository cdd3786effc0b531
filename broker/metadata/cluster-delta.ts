// Broker and controller registrations under replay. A registration change names the broker epoch it was made for; one of another
// epoch cannot be. Kafka's ClusterDelta.
import type { BrokerRegistration, ClusterImage, ControllerRegistration, VersionRange } from './image.ts'
import { MapDelta } from './map-delta.ts'
import type { MetadataRecordTypes } from './metadata-record.ts'
import { ReplayError } from './replay-error.ts'

export class ClusterDelta {
  readonly #before: ClusterImage
  readonly brokers: MapDelta<number, BrokerRegistration>
  readonly controllers: MapDelta<number, ControllerRegistration>

  constructor(before: ClusterImage) {
    this.#before = before
    this.brokers = new MapDelta(before.brokers)
    this.controllers = new MapDelta(before.controllers)
  }

  registerBroker(record: MetadataRecordTypes['RegisterBrokerRecord']): void {
    this.brokers.set(record.brokerId, {
      id: record.brokerId,
      epoch: record.brokerEpoch,
      incarnationId: record.incarnationId,
      endpoints: record.endPoints,
      features: rangesOf(record.features),
      rack: record.rack,
      fenced: record.fenced,
      inControlledShutdown: record.inControlledShutdown,
      directories: record.logDirs,
      cordonedDirectories: record.cordonedLogDirs ?? [],
    })
  }

  unregisterBroker({ brokerId, brokerEpoch }: MetadataRecordTypes['UnregisterBrokerRecord']): void {
    this.#registration(brokerId, brokerEpoch)
    this.brokers.delete(brokerId)
  }

  setFenced(brokerId: number, brokerEpoch: number, fenced: boolean): void {
    this.brokers.set(brokerId, { ...this.#registration(brokerId, brokerEpoch), fenced })
  }

  changeRegistration(record: MetadataRecordTypes['BrokerRegistrationChangeRecord']): void {
    const broker = this.#registration(record.brokerId, record.brokerEpoch)
    this.brokers.set(record.brokerId, {
      ...broker,
      // -1 unfences, 1 fences, 0 leaves it.
      fenced: record.fenced === 0 ? broker.fenced : record.fenced > 0,
      inControlledShutdown: record.inControlledShutdown === 1 || broker.inControlledShutdown,
      directories: record.logDirs.length > 0 ? record.logDirs : broker.directories,
      cordonedDirectories: record.cordonedLogDirs ?? broker.cordonedDirectories,
    })
  }

  registerController(record: MetadataRecordTypes['RegisterControllerRecord']): void {
    this.controllers.set(record.controllerId, {
      id: record.controllerId,
      incarnationId: record.incarnationId,
      zkMigrationReady: record.zkMigrationReady,
      endpoints: record.endPoints,
      features: rangesOf(record.features),
    })
  }

  apply(): ClusterImage {
    const brokers = this.brokers.apply()
    const controllers = this.controllers.apply()
    const same = brokers === this.#before.brokers && controllers === this.#before.controllers
    return same ? this.#before : { brokers, controllers }
  }

  #registration(brokerId: number, brokerEpoch: number): BrokerRegistration {
    const broker = this.brokers.get(brokerId)
    if (broker === undefined) throw new ReplayError(`broker ${brokerId} changes, but is not registered`)
    if (broker.epoch !== brokerEpoch) {
      throw new ReplayError(
        `broker ${brokerId} has epoch ${broker.epoch}, but its change is for ${brokerEpoch}`,
      )
    }
    return broker
  }
}

const rangesOf = (
  features: readonly { name: string; minSupportedVersion: number; maxSupportedVersion: number }[],
): ReadonlyMap<string, VersionRange> =>
  new Map(
    features.map(
      ({ name, minSupportedVersion: min, maxSupportedVersion: max }) => [name, { min, max }] as const,
    ),
  )
