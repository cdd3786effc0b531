// `__cluster_metadata-0/quorum-state`: the epoch this voter has reached and whom it voted for. An epoch is written here
// before it is used, so that none is ever used twice, whatever crash follows.
// kraft.version 0 (static voters) writes data_version 0, kraft.version 1 (KIP-853) data_version 1:
//
//   {"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,
//    "currentVoters":[{"voterId":1}],"data_version":0}
//   {"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}
//
// Answers to Kafka's FileQuorumStateStore. Names of metadata snapshots live here too, in Kafka's Snapshots format.
import { ZERO_UUID } from '../protocol/uuid.ts'
import { type FileSystem, hasCode } from './fs/port.ts'

const QUORUM_STATE = 'quorum-state'

export interface QuorumState {
  readonly dataVersion: 0 | 1
  /** -1 while unknown. */
  readonly leaderId: number
  readonly leaderEpoch: number
  /** -1 when no vote was given in this epoch. */
  readonly votedId: number
  /** Data version 1 only. */
  readonly votedDirectoryId: string
  /** The static voters, data version 0 only. */
  readonly currentVoters: readonly number[]
}

export class QuorumStateError extends Error {
  override readonly name = 'QuorumStateError'
}

/** Undefined when this directory has never been in a quorum. A file that cannot be understood is an error: guessing an
 *  epoch could use one twice. */
export function readQuorumState(fs: FileSystem, metadataDirectory: string): QuorumState | undefined {
  const path = `${metadataDirectory}/${QUORUM_STATE}`
  let text: string
  try {
    text = fs.readFile(path).toString('utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  return parseQuorumState(text, path)
}

export function parseQuorumState(text: string, path: string): QuorumState {
  let json: Record<string, unknown>
  try {
    json = JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new QuorumStateError(`${path} is not JSON`)
  }
  const dataVersion = json['data_version']
  if (dataVersion !== 0 && dataVersion !== 1)
    throw new QuorumStateError(`${path} has data_version ${String(dataVersion)}; 0 and 1 are known`)
  const integer = (key: string): number => {
    const value = json[key]
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw new QuorumStateError(`${path} has no ${key}`)
    return value
  }
  const voters = dataVersion === 0 ? json['currentVoters'] : []
  if (voters !== null && voters !== undefined && !Array.isArray(voters))
    throw new QuorumStateError(`${path} has no list of currentVoters`)
  return {
    dataVersion,
    leaderId: integer('leaderId'),
    leaderEpoch: integer('leaderEpoch'),
    votedId: integer('votedId'),
    votedDirectoryId: typeof json['votedDirectoryId'] === 'string' ? json['votedDirectoryId'] : ZERO_UUID,
    currentVoters: (voters ?? []).map((voter: { voterId?: unknown }) => {
      if (typeof voter.voterId !== 'number') throw new QuorumStateError(`${path} has a voter without voterId`)
      return voter.voterId
    }),
  }
}

/** Durable when it returns. */
export function writeQuorumState(fs: FileSystem, metadataDirectory: string, state: QuorumState): void {
  const { leaderId, leaderEpoch, votedId } = state
  const json =
    state.dataVersion === 0
      ? {
          clusterId: '',
          leaderId,
          leaderEpoch,
          votedId,
          appliedOffset: 0,
          currentVoters: state.currentVoters.map(voterId => ({ voterId })),
          data_version: 0,
        }
      : { leaderId, leaderEpoch, votedId, votedDirectoryId: state.votedDirectoryId, data_version: 1 }
  fs.writeFileAtomic(`${metadataDirectory}/${QUORUM_STATE}`, Buffer.from(JSON.stringify(json)))
}

/** A metadata snapshot covers the log below `offset`, whose last record was written in `epoch`. */
export interface MetadataSnapshotId {
  readonly offset: number
  readonly epoch: number
}

const SNAPSHOT_NAME = /^(\d{20})-(\d{10})\.checkpoint$/

export function metadataSnapshotName({ offset, epoch }: MetadataSnapshotId): string {
  return `${String(offset).padStart(20, '0')}-${String(epoch).padStart(10, '0')}.checkpoint`
}

/** Undefined for any other file, half-written (`.part`) and doomed (`.deleted`) snapshots among them. */
export function parseMetadataSnapshotName(fileName: string): MetadataSnapshotId | undefined {
  const match = SNAPSHOT_NAME.exec(fileName)
  return match === null ? undefined : { offset: Number(match[1]), epoch: Number(match[2]) }
}
