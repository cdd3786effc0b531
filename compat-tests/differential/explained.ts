/**
 * Differences that are known, listed among a handler's `deviations`, and left as they are. Each names the steps it is about and the answers
 * it explains, no more; a run counts them. The brokers' states differ from there on, so a scenario ends with one.
 */
import zlib from 'node:zlib'
import type { Difference } from './compare.ts'
import type { Step } from './side.ts'

interface Explanation {
  readonly name: string
  explains(step: Step, differences: readonly Difference[]): boolean
}

const INVALID_RECORD = 87
const INVALID_TIMESTAMP = 32
const UNKNOWN_SERVER_ERROR = -1
const UNSUPPORTED_VERSION = 35
const UNSUPPORTED_COMPRESSION_TYPE = 76
const MESSAGE_TOO_LARGE = 10
const INVALID_UPDATE_VERSION = 95
const INVALID_CONFIG = 40

const explanations: readonly Explanation[] = [
  {
    // Kafka decompresses no further than it needs, and so does not see what is wrong behind (checksums, a next block), or sees a wrong
    // record before it.
    name: 'damaged compressed records that Kafka can read all the same are refused',
    explains: ({ api, note }, differences) =>
      api === 'Produce' &&
      / compressed bytes /.test(note) &&
      differences.every(({ path }) => path.startsWith('responses.partitionResponses')) &&
      differences.some(
        ({ path, reference, ours }) =>
          /errorCode/.test(path) &&
          [0, INVALID_RECORD, INVALID_TIMESTAMP].includes(reference as number) &&
          (ours === INVALID_RECORD || ours === UNKNOWN_SERVER_ERROR),
      ),
  },
  {
    name: 'an update to a level of a feature that is not served yet is refused',
    explains: ({ api }, differences) =>
      api === 'UpdateFeatures' &&
      differences.some(
        ({ path, reference, ours }) =>
          /errorCode/.test(path) && reference === 0 && ours === INVALID_UPDATE_VERSION,
      ),
  },
  {
    name: 'on Node 20 what is compressed again as zstd is as large as it was before',
    explains: ({ api, note }, differences) =>
      !('zstdCompressSync' in zlib) &&
      api === 'Produce' &&
      note.includes('too large') &&
      differences.some(({ reference, ours }) => reference === 0 && ours === MESSAGE_TOO_LARGE),
  },
]

/** A session that was begun with epochs, asked for in a version that cannot say where they diverge. Clients keep their version. */
const divergesBelowV12: Explanation = {
  name: 'Kafka fails to write a diverging epoch below Fetch v12',
  explains: ({ api, version }, differences) =>
    api === 'Fetch' &&
    version < 12 &&
    differences.some(({ path, reference }) => path === 'errorCode' && reference === UNSUPPORTED_VERSION),
}

/** A cursor at the largest number there is, and the limit added to it. */
const cursorOverflows: Explanation = {
  name: "Kafka's cursor of DescribeTopicPartitions overflows",
  explains: ({ api }, differences) =>
    api === 'DescribeTopicPartitions' &&
    differences.every(
      ({ path, reference }) =>
        path.startsWith('nextCursor') && JSON.stringify(reference).includes('-2147483648'),
    ),
}

/** What has changed in memory alone (a group whose first generation is not complete) Kafka shows once something else is committed. */
const describedAsCommitted: Explanation = {
  name: 'Kafka describes groups as they were when a record was last committed',
  explains: ({ api }, differences) =>
    api === 'DescribeGroups' &&
    differences.some(({ path, reference }) => /groupState/.test(path) && reference === 'Dead'),
}

const ILLEGAL_GENERATION = 22
const UNKNOWN_MEMBER_ID = 25

const ofElder: readonly Explanation[] = [
  {
    // The reference converts nothing any more, and has no such rule in the versions it shares with the elder.
    name: 'the elder refuses old fetchers a topic that is set to zstd, we what is compressed with it',
    explains: ({ api, version }, differences) =>
      api === 'Fetch' &&
      version < 4 &&
      differences.some(
        ({ path, reference }) => /errorCode/.test(path) && reference === UNSUPPORTED_COMPRESSION_TYPE,
      ),
  },
  {
    name: 'Fetch before v3 sends a first batch that is larger than the limits whole',
    explains: ({ api, version }, differences) =>
      api === 'Fetch' &&
      version < 3 &&
      differences.every(({ path, reference }) => /records/.test(path) && Array.isArray(reference)),
  },
  {
    name: 'Fetch before v3 does not look at the codec of a first batch that is larger than the limits',
    explains: ({ api, version }, differences) =>
      api === 'Fetch' &&
      version < 3 &&
      differences.some(
        ({ path, reference, ours }) =>
          /errorCode/.test(path) && reference === 0 && ours === UNSUPPORTED_COMPRESSION_TYPE,
      ),
  },
  {
    name: 'the elder takes smaller segments',
    explains: ({ api, note }, differences) =>
      api === 'CreateTopics' &&
      note.includes('segment.bytes') &&
      differences.some(({ ours }) => ours === INVALID_CONFIG),
  },
  {
    // A converted answer may grow to the bytes that are stored; what was compressed is not of the same size with everybody.
    name: 'what is converted for old fetchers ends a message earlier, or later',
    explains: ({ api, version }, differences) =>
      api === 'Fetch' &&
      version < 4 &&
      differences.every(
        ({ path, reference, ours }) =>
          path.endsWith('.records[]') &&
          [reference, ours].some(rows => Array.isArray(rows) && rows.length === 0),
      ),
  },
  {
    // Its message builder throws, on its way to the socket.
    name: 'the elder hangs up on an old fetcher whose records have a negative timestamp',
    explains: ({ api, version }, differences) =>
      api === 'Fetch' &&
      version < 4 &&
      differences.some(({ path, reference }) => path === '' && reference === 'closed'),
  },
  {
    name: 'the elder has no settings of groups',
    explains: ({ api, note }, differences) =>
      api === 'DescribeConfigs' &&
      note.includes('"resourceType":32') &&
      differences.every(({ path }) => /errorCode|errorMessage|configs|resource/.test(path)),
  },
  {
    name: "the elder's group coordinator looks at generations before members",
    explains: ({ api }, differences) =>
      api === 'OffsetCommit' &&
      differences.every(
        ({ reference, ours }) => reference === ILLEGAL_GENERATION && ours === UNKNOWN_MEMBER_ID,
      ),
  },
  {
    name: 'the elder answers a partition that is named twice in one row',
    explains: ({ api }, differences) =>
      api === 'OffsetCommit' &&
      differences.every(
        ({ path, reference }) =>
          /(topics|partitions)\[\]/.test(path) && Array.isArray(reference) && reference.length === 0,
      ),
  },
  {
    // A segment's age is its file's, and the two brokers write theirs at different moments.
    name: 'ListOffsets v0 between the ends of the log',
    explains: ({ api, version }, differences) =>
      api === 'ListOffsets' &&
      version === 0 &&
      differences.every(({ path }) => path.includes('oldStyleOffsets')),
  },
]

export const explanationOf = (
  step: Step,
  differences: readonly Difference[],
  isElder: boolean,
): string | undefined =>
  [
    ...explanations,
    divergesBelowV12,
    cursorOverflows,
    describedAsCommitted,
    ...(isElder ? ofElder : []),
  ].find(each => each.explains(step, differences))?.name
