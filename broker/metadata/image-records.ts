// An image as records: what a snapshot holds. Replaying them over nothing gives the image again.
//
// The order is Kafka's (MetadataImage.write): features with metadata.version first, cluster, topics, configs, quotas, producer ids,
// ACLs, SCRAM, delegation tokens. Within a part keys are sorted, so that the same image always gives the same bytes.
import { METADATA_VERSION, since } from './features.ts'
import type { BrokerRegistration, ControllerRegistration, MetadataImage, VersionRange } from './image.ts'
import type { MetadataRecord } from './metadata-record.ts'

export function* imageRecords(image: MetadataImage): Generator<MetadataRecord, void, undefined> {
  yield* featureRecords(image)
  for (const controller of sorted(image.cluster.controllers)) yield controllerRecord(controller)
  for (const broker of sorted(image.cluster.brokers))
    yield brokerRecord(broker, image.features.metadataVersion)
  yield* topicRecords(image)
  for (const { resourceType, resourceName, entries } of sorted(image.configs)) {
    for (const name of [...entries.keys()].sort()) {
      yield { type: 'ConfigRecord', value: { resourceType, resourceName, name, value: entries.get(name)! } }
    }
  }
  for (const { entity, quotas } of sorted(image.quotas)) {
    for (const key of [...quotas.keys()].sort()) {
      const value = quotas.get(key)!
      yield {
        type: 'ClientQuotaRecord',
        value: { entity: entity.map(part => ({ ...part })), key, value, remove: false },
      }
    }
  }
  const { nextProducerId } = image.producerIds
  if (nextProducerId > 0n) {
    yield { type: 'ProducerIdsRecord', value: { brokerId: -1, brokerEpoch: -1, nextProducerId } }
  }
  for (const acl of sorted(image.acls)) yield { type: 'AccessControlEntryRecord', value: { ...acl } }
  for (const mechanism of [...image.scram.keys()].sort((a, b) => a - b)) {
    const users = image.scram.get(mechanism)!
    for (const name of [...users.keys()].sort()) {
      yield { type: 'UserScramCredentialRecord', value: { name, mechanism, ...users.get(name)! } }
    }
  }
  for (const token of sorted(image.delegationTokens)) {
    yield { type: 'DelegationTokenRecord', value: { ...token, renewers: [...token.renewers] } }
  }
}

function* featureRecords({ features }: MetadataImage): Generator<MetadataRecord, void, undefined> {
  if (features.metadataVersion > 0) yield level(METADATA_VERSION, features.metadataVersion)
  for (const name of [...features.finalized.keys()].sort()) yield level(name, features.finalized.get(name)!)
}

const level = (name: string, featureLevel: number): MetadataRecord => ({
  type: 'FeatureLevelRecord',
  value: { name, featureLevel },
})

function* topicRecords({ topics, features }: MetadataImage): Generator<MetadataRecord, void, undefined> {
  for (const topic of sorted(topics.byName)) {
    yield { type: 'TopicRecord', value: { name: topic.name, topicId: topic.id } }
    for (const partitionId of [...topic.partitions.keys()].sort((a, b) => a - b)) {
      const partition = topic.partitions.get(partitionId)!
      yield {
        type: 'PartitionRecord',
        value: {
          partitionId,
          topicId: topic.id,
          replicas: [...partition.replicas],
          isr: [...partition.isr],
          removingReplicas: [...partition.removingReplicas],
          addingReplicas: [...partition.addingReplicas],
          leader: partition.leader,
          leaderRecoveryState: partition.leaderRecoveryState,
          leaderEpoch: partition.leaderEpoch,
          partitionEpoch: partition.partitionEpoch,
          directories:
            features.metadataVersion >= since.directoryAssignment ? [...partition.directories] : [],
          eligibleLeaderReplicas: partition.elr.length > 0 ? [...partition.elr] : null,
          lastKnownElr: partition.lastKnownElr.length > 0 ? [...partition.lastKnownElr] : null,
        },
      }
    }
  }
}

function brokerRecord(broker: BrokerRegistration, metadataVersion: number): MetadataRecord {
  return {
    type: 'RegisterBrokerRecord',
    value: {
      brokerId: broker.id,
      isMigratingZkBroker: false,
      incarnationId: broker.incarnationId,
      brokerEpoch: broker.epoch,
      endPoints: broker.endpoints.map(endpoint => ({ ...endpoint })),
      features: rangeRows(broker.features),
      rack: broker.rack,
      fenced: broker.fenced,
      inControlledShutdown: broker.inControlledShutdown,
      logDirs: [...broker.directories],
      cordonedLogDirs: metadataVersion >= since.cordonedDirectories ? [...broker.cordonedDirectories] : null,
    },
  }
}

const controllerRecord = (controller: ControllerRegistration): MetadataRecord => ({
  type: 'RegisterControllerRecord',
  value: {
    controllerId: controller.id,
    incarnationId: controller.incarnationId,
    zkMigrationReady: controller.zkMigrationReady,
    endPoints: controller.endpoints.map(endpoint => ({ ...endpoint })),
    features: rangeRows(controller.features),
  },
})

const rangeRows = (ranges: ReadonlyMap<string, VersionRange>) =>
  [...ranges].map(([name, { min, max }]) => ({ name, minSupportedVersion: min, maxSupportedVersion: max }))

function sorted<K extends string | number, V>(map: ReadonlyMap<K, V>): V[] {
  return [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}
