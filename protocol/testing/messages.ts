// Every message there is, for tests that walk them all.

import { apis } from '../apis/index.ts'
import { RequestHeader, ResponseHeader } from '../header.ts'
import * as consumerProtocol from '../internal/consumer-protocol.ts'
import * as controlRecords from '../internal/control-records.ts'
import * as defaultPrincipal from '../internal/default-principal.ts'
import * as groupRecords from '../internal/group-records.ts'
import * as metadataRecords from '../internal/metadata-records.ts'
import * as producerSnapshot from '../internal/producer-snapshot.ts'
import * as quorumState from '../internal/quorum-state.ts'
import * as remoteLogRecords from '../internal/remote-log-records.ts'
import * as shareGroupRecords from '../internal/share-group-records.ts'
import * as shareStateRecords from '../internal/share-state-records.ts'
import * as streamsGroupRecords from '../internal/streams-group-records.ts'
import * as transactionRecords from '../internal/transaction-records.ts'
import type { Message } from '../schema/message.ts'

const internal = [
  consumerProtocol,
  controlRecords,
  defaultPrincipal,
  groupRecords,
  metadataRecords,
  producerSnapshot,
  quorumState,
  remoteLogRecords,
  shareGroupRecords,
  shareStateRecords,
  streamsGroupRecords,
  transactionRecords,
]

const isMessage = (value: unknown): value is Message<object> =>
  typeof value === 'object' && value !== null && 'struct' in value && 'codecs' in value

export const internalMessages: readonly Message<object>[] = internal
  .flatMap(room => Object.values(room) as unknown[])
  .filter(isMessage)

export const allMessages: readonly Message<object>[] = [
  ...apis.flatMap(api => [api.request, api.response] as Message<object>[]),
  ...internalMessages,
  RequestHeader,
  ResponseHeader,
]

/** Every message at every version. */
export function* allVersions(): Generator<{ message: Message<object>; version: number }> {
  for (const message of allMessages) {
    for (let version = message.versions[0]; version <= message.versions[1]; version++) {
      yield { message, version }
    }
  }
}
