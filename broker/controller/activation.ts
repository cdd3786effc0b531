// What a controller writes when it becomes active: the bootstrap records if the log is empty, or the end of a transaction that its
// predecessor left open. Kafka's ActivationRecordsGenerator, KIP-868.
import {
  bootstrapLevels,
  ELR_VERSION,
  LATEST_METADATA_VERSION,
  METADATA_VERSION,
  since,
} from '../metadata/features.ts'
import { EMPTY_IMAGE, type MetadataImage } from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import type { ConfigSchema } from '../ports/controller.ts'
import { elrRecords } from './update-features.ts'

/** What a controller begins with when nobody formatted: the reference's latest metadata.version and what we serve. */
export const defaultBootstrapRecords = (): MetadataRecord[] =>
  bootstrapLevels(LATEST_METADATA_VERSION).map(([name, featureLevel]) => ({
    type: 'FeatureLevelRecord',
    value: { name, featureLevel },
  }))

const begin: MetadataRecord = { type: 'BeginTransactionRecord', value: { name: 'Bootstrap records' } }
const end: MetadataRecord = { type: 'EndTransactionRecord', value: {} }
const abort: MetadataRecord = { type: 'AbortTransactionRecord', value: { reason: 'Controller failover' } }

export function activationRecords(
  image: MetadataImage,
  openTransaction: boolean,
  bootstrap: readonly MetadataRecord[],
  schema: ConfigSchema,
): MetadataRecord[] {
  const leftOver = openTransaction ? [abort] : []
  // Nothing but control records and unfinished bootstraps so far: the log is as good as empty.
  if (image.features.metadataVersion > 0) return leftOver
  const metadataVersion = levelIn(bootstrap, METADATA_VERSION)
  const records = [...bootstrap]
  if (levelIn(bootstrap, ELR_VERSION) > 0) records.push(...elrRecords(EMPTY_IMAGE, 1, schema))
  return metadataVersion >= since.metadataTransactions
    ? [...leftOver, begin, ...records, end]
    : [...leftOver, ...records]
}

export function levelIn(records: readonly MetadataRecord[], feature: string): number {
  for (const { type, value } of records) {
    if (type === 'FeatureLevelRecord' && value.name === feature) return value.featureLevel
  }
  return 0
}
