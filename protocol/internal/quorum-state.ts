// The `quorum-state` file of a KRaft node, which Kafka writes as JSON with these fields (KIP-595, KIP-853).

import { defineMessage } from '../schema/message.ts'
import { array, int32, offset, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const quorumStateDataVoter = struct({
  voterId: int32,
})
export interface QuorumStateDataVoter extends Value<typeof quorumStateDataVoter> {}

const quorumStateData = struct({
  clusterId: string.until(0),
  leaderId: int32.default(-1),
  leaderEpoch: int32.default(-1),
  votedId: int32.default(-1),
  votedDirectoryId: uuid.since(1),
  appliedOffset: offset.until(0),
  currentVoters: array<QuorumStateDataVoter>(quorumStateDataVoter).until(0).nullable(),
})
export interface QuorumStateData extends Value<typeof quorumStateData> {}

export const QuorumStateData = defineMessage<QuorumStateData>({
  name: 'QuorumStateData',
  versions: [0, 1],
  flexibleFrom: 0,
  fields: quorumStateData,
})
