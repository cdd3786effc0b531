/**
 * Differences that are known, listed among a handler's `deviations`, and left as they are. Each names the steps it is about and the answers
 * it explains, no more; a run counts them. The brokers' states differ from there on, so a scenario ends with one.
 */
import type { Difference } from './compare.ts'
import type { Step } from './side.ts'

interface Explanation {
  readonly name: string
  explains(step: Step, differences: readonly Difference[]): boolean
}

const INVALID_RECORD = 87
const UNKNOWN_SERVER_ERROR = -1
const UNSUPPORTED_VERSION = 35

const explanations: readonly Explanation[] = [
  {
    // Kafka decompresses no further than it needs, and so does not see what is wrong behind: checksums, a next block.
    name: 'damaged compressed records that Kafka can read all the same are refused',
    explains: ({ api, note }, differences) =>
      api === 'Produce' &&
      / compressed bytes /.test(note) &&
      differences.every(({ path }) => path.startsWith('responses.partitionResponses')) &&
      differences.some(
        ({ path, reference, ours }) =>
          /errorCode/.test(path) &&
          reference === 0 &&
          (ours === INVALID_RECORD || ours === UNKNOWN_SERVER_ERROR),
      ),
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

export const explanationOf = (step: Step, differences: readonly Difference[]): string | undefined =>
  [...explanations, divergesBelowV12].find(each => each.explains(step, differences))?.name
