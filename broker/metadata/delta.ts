// A delta: records replayed over an image, and what changed by them.
//
// Promise: replaying the same records over the same image always gives the same image, and the image it started from stays as it
// was. A record that does not fit (a partition of an unknown topic, a change of another broker epoch) throws ReplayError.
// Kafka's MetadataDelta; the parts that need more than a map have files of their own.
import { ClusterDelta } from './cluster-delta.ts'
import { METADATA_VERSION } from './features.ts'
import {
  type AccessControlEntry,
  type ClientQuotaImage,
  type ConfigurationImage,
  ConfigResourceType,
  configKey,
  type DelegationToken,
  EMPTY_IMAGE,
  type MetadataImage,
  quotaKey,
  type ScramCredential,
} from './image.ts'
import { MapDelta } from './map-delta.ts'
import type { MetadataRecord, MetadataRecordTypes } from './metadata-record.ts'
import { TopicsDelta } from './topics-delta.ts'

export interface Provenance {
  readonly offset: number
  readonly epoch: number
  readonly timestampMs: number
}

const scramKey = (mechanism: number, user: string): string => `${mechanism}:${user}`

export class MetadataDelta {
  /** The image this delta starts from. */
  readonly before: MetadataImage
  readonly topics: TopicsDelta
  readonly cluster: ClusterDelta
  /** By `configKey`. */
  readonly configs: MapDelta<string, ConfigurationImage>
  /** By `quotaKey`. */
  readonly quotas: MapDelta<string, ClientQuotaImage>
  readonly acls: MapDelta<string, AccessControlEntry>
  readonly delegationTokens: MapDelta<string, DelegationToken>
  readonly features: MapDelta<string, number>
  readonly #scram = new Map<number, MapDelta<string, ScramCredential>>()
  #metadataVersion: number
  #nextProducerId: bigint

  constructor(before: MetadataImage = EMPTY_IMAGE) {
    this.before = before
    this.topics = new TopicsDelta(before.topics)
    this.cluster = new ClusterDelta(before.cluster)
    this.configs = new MapDelta(before.configs)
    this.quotas = new MapDelta(before.quotas)
    this.acls = new MapDelta(before.acls)
    this.delegationTokens = new MapDelta(before.delegationTokens)
    this.features = new MapDelta(before.features.finalized)
    this.#metadataVersion = before.features.metadataVersion
    this.#nextProducerId = before.producerIds.nextProducerId
  }

  get featuresChanged(): boolean {
    return this.features.changed.size > 0 || this.#metadataVersion !== this.before.features.metadataVersion
  }

  /** `mechanism:user` of every SCRAM credential that was set or removed. */
  get changedScram(): ReadonlySet<string> {
    const changed = new Set<string>()
    for (const [mechanism, users] of this.#scram) {
      for (const user of users.changed) changed.add(scramKey(mechanism, user))
    }
    return changed
  }

  replay(record: MetadataRecord): void {
    switch (record.type) {
      case 'TopicRecord':
        return this.topics.addTopic(record.value)
      case 'PartitionRecord':
        return this.topics.setPartition(record.value)
      case 'PartitionChangeRecord':
        return this.topics.changePartition(record.value)
      case 'RemoveTopicRecord':
        return this.configs.delete(
          configKey(ConfigResourceType.TOPIC, this.topics.removeTopic(record.value.topicId).name),
        )
      case 'ClearElrRecord':
        return this.topics.clearElr(record.value.topicName)
      case 'ConfigRecord':
        return this.#setConfig(record.value)
      case 'FeatureLevelRecord':
        return this.#setFeature(record.value)
      case 'RegisterBrokerRecord':
        return this.cluster.registerBroker(record.value)
      case 'UnregisterBrokerRecord':
        return this.cluster.unregisterBroker(record.value)
      case 'FenceBrokerRecord':
        return this.cluster.setFenced(record.value.id, record.value.epoch, true)
      case 'UnfenceBrokerRecord':
        return this.cluster.setFenced(record.value.id, record.value.epoch, false)
      case 'BrokerRegistrationChangeRecord':
        return this.cluster.changeRegistration(record.value)
      case 'RegisterControllerRecord':
        return this.cluster.registerController(record.value)
      case 'ClientQuotaRecord':
        return this.#setQuota(record.value)
      case 'ProducerIdsRecord':
        this.#nextProducerId = record.value.nextProducerId
        return
      case 'UserScramCredentialRecord':
        return this.#scramOf(record.value.mechanism).set(record.value.name, credentialOf(record.value))
      case 'RemoveUserScramCredentialRecord':
        return this.#scramOf(record.value.mechanism).delete(record.value.name)
      case 'AccessControlEntryRecord':
        return this.acls.set(record.value.id, record.value)
      case 'RemoveAccessControlEntryRecord':
        return this.acls.delete(record.value.id)
      case 'DelegationTokenRecord':
        return this.delegationTokens.set(record.value.tokenId, record.value)
      case 'RemoveDelegationTokenRecord':
        return this.delegationTokens.delete(record.value.tokenId)
      // Nothing of these is in an image. Transactions are the loader's business.
      case 'NoOpRecord':
      case 'ZkMigrationStateRecord':
      case 'BeginTransactionRecord':
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord':
        return
    }
  }

  /** The image after the delta. To be called once; what changed stays readable. */
  apply(provenance: Provenance): MetadataImage {
    const { before } = this
    const finalized = this.features.apply()
    const sameFeatures =
      finalized === before.features.finalized && this.#metadataVersion === before.features.metadataVersion
    return {
      offset: provenance.offset,
      epoch: provenance.epoch,
      timestampMs: provenance.timestampMs,
      features: sameFeatures ? before.features : { metadataVersion: this.#metadataVersion, finalized },
      cluster: this.cluster.apply(),
      topics: this.topics.apply(),
      configs: this.configs.apply(),
      quotas: this.quotas.apply(),
      producerIds:
        this.#nextProducerId === before.producerIds.nextProducerId
          ? before.producerIds
          : { nextProducerId: this.#nextProducerId },
      acls: this.acls.apply(),
      scram: this.#applyScram(),
      delegationTokens: this.delegationTokens.apply(),
    }
  }

  #setConfig({ resourceType, resourceName, name, value }: MetadataRecordTypes['ConfigRecord']): void {
    const key = configKey(resourceType, resourceName)
    const entries = new Map(this.configs.get(key)?.entries)
    if (value === null) entries.delete(name)
    else entries.set(name, value)
    if (entries.size === 0) this.configs.delete(key)
    else this.configs.set(key, { resourceType, resourceName, entries })
  }

  #setFeature({ name, featureLevel }: MetadataRecordTypes['FeatureLevelRecord']): void {
    if (name === METADATA_VERSION) this.#metadataVersion = featureLevel
    else if (featureLevel === 0) this.features.delete(name)
    else this.features.set(name, featureLevel)
  }

  #setQuota({ entity, key: quota, value, remove }: MetadataRecordTypes['ClientQuotaRecord']): void {
    const key = quotaKey(entity)
    const quotas = new Map(this.quotas.get(key)?.quotas)
    if (remove) quotas.delete(quota)
    else quotas.set(quota, value)
    if (quotas.size === 0) this.quotas.delete(key)
    else this.quotas.set(key, { entity, quotas })
  }

  #scramOf(mechanism: number): MapDelta<string, ScramCredential> {
    let users = this.#scram.get(mechanism)
    if (users === undefined) {
      users = new MapDelta(this.before.scram.get(mechanism) ?? new Map<string, ScramCredential>())
      this.#scram.set(mechanism, users)
    }
    return users
  }

  #applyScram(): MetadataImage['scram'] {
    if (this.#scram.size === 0) return this.before.scram
    const scram = new Map(this.before.scram)
    for (const [mechanism, delta] of this.#scram) {
      const users = delta.apply()
      if (users.size === 0) scram.delete(mechanism)
      else scram.set(mechanism, users)
    }
    return scram
  }
}

const credentialOf = (record: MetadataRecordTypes['UserScramCredentialRecord']): ScramCredential => ({
  salt: record.salt,
  storedKey: record.storedKey,
  serverKey: record.serverKey,
  iterations: record.iterations,
})
