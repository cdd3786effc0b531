// Which int64 fields are exact (`int64`, a bigint) and which are numbers (`offset`): the list to review, complete.
//
// Exact is whatever is stored or echoed: another's offset, id, time. A number is what we assign or compare: beyond
// 2^53 it reads as an infinity, which no log ever reaches, so it is answered as out of range and never stored.

import { expect, test } from 'vitest'
import { allMessages } from '../testing/messages.ts'
import type { FieldType, Struct } from './vocabulary.ts'

const words = (text: string): string[] => text.trim().split(/\s+/)

const numbers = new Set(
  words(`
  appliedOffset baseOffset brokerEpoch currentMetadataOffset currentTxnFirstOffset currentTxnStartOffset
  endOffset epoch fetchOffset finalizedFeaturesEpoch firstOffset highWatermark lag lastOffset
  lastStableOffset logEndOffset logStartOffset lowWatermark offsetLag oldStyleOffsets partitionSize
  position previousBrokerEpoch replicaEpoch size startOffset totalBytes usableBytes
  `),
)

const exact = new Set(
  words(`
  assignmentTimestamp commitTimestamp committedOffset createTimestamp currentStateTimestamp durationFilter
  eventTimestampMs expirationTimestamp expireTimestamp expiryTimePeriodMs expiryTimestamp
  expiryTimestampMs issueTimestamp issueTimestampMs lastCaughtUpTimestamp lastContainedLogTimestamp
  lastFetchTimestamp lastTimestamp logAppendTimeMs maxLifetimeMs maxTimestamp maxTimestampMs metadataHash
  nextProducerId ongoingTxnProducerId previousProducerId producerId producerIdFilters producerIdStart
  renewPeriodMs retentionTimeMs sessionLifetimeMs timestamp transactionLastUpdateTimestampMs
  transactionStartTimeMs transactionStartTimestampMs v3AndBelowProducerId version writeTimestamp
  `),
)

/** `offset` itself is stored by the group coordinator, and compared everywhere else. */
const storedOffsets = new Set(['OffsetCommitValue', 'LegacyOffsetCommitValue'])

function* leaves(struct: Struct): Generator<[name: string, kind: string]> {
  for (const [name, field] of Object.entries(struct.shape)) {
    const type: FieldType = field.facts.type.kind === 'array' ? field.facts.type.element : field.facts.type
    if (type.kind === 'struct') yield* leaves(type.struct)
    else yield [name, type.kind]
  }
}

test('every int64 field is on one list and has its type', () => {
  const seen = new Set<string>()
  for (const message of allMessages) {
    for (const [name, kind] of leaves(message.struct)) {
      if (kind !== 'int64' && kind !== 'offset') continue
      seen.add(name)
      const isExact = name === 'offset' ? storedOffsets.has(message.name) : exact.has(name)
      expect([message.name, name, kind]).toEqual([message.name, name, isExact ? 'int64' : 'offset'])
      expect(isExact || name === 'offset' || numbers.has(name), `${name} is on no list`).toBe(true)
    }
  }
  const listed = [...numbers, ...exact, 'offset'].sort()
  expect([...seen].sort()).toEqual(listed)
})
