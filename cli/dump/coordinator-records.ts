// Keys and values of __consumer_offsets and __transaction_state, which begin with an int16: the type of the record in
// the key, the version in the value.
import type { readMessage } from '../../protocol/codec/message.ts'
import * as groups from '../../protocol/internal/group-records.ts'
import * as shares from '../../protocol/internal/share-group-records.ts'
import * as streams from '../../protocol/internal/streams-group-records.ts'
import * as transactions from '../../protocol/internal/transaction-records.ts'
import type { Record } from '../../protocol/records/record.ts'
import type { Message } from '../../protocol/schema/message.ts'

type AnyMessage = Message<object>

function byType(...modules: object[]): Map<number, { key?: AnyMessage; value?: AnyMessage }> {
  const found = new Map<number, { key?: AnyMessage; value?: AnyMessage }>()
  for (const module of modules)
    for (const message of Object.values(module) as AnyMessage[]) {
      if (message?.apiKey === undefined) continue
      const pair = found.get(message.apiKey) ?? {}
      if (message.name.endsWith('Key')) pair.key = message
      else if (message.name.endsWith('Value')) pair.value = message
      found.set(message.apiKey, pair)
    }
  return found
}

const OFFSETS = byType(groups, shares, streams)
const TRANSACTIONS = byType(transactions)

const json = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) => {
    if (typeof field === 'bigint') return Number(field)
    const bytes = field as { type?: string; data?: number[] } | null
    return bytes?.type === 'Buffer' ? `${bytes.data!.length} bytes` : field
  })

export function decodeCoordinatorRecord(
  what: 'offsets' | 'transactions',
  { key, value }: Record,
  read: typeof readMessage,
): string {
  if (key === null || key.length < 2) return 'no key'
  const type = key.readInt16BE(0)
  const pair = (what === 'offsets' ? OFFSETS : TRANSACTIONS).get(type)
  if (pair?.key === undefined) return `a record of type ${type}, which is not known`
  try {
    const named = `${pair.key.name.replace(/Key$/, '')} ${json(read(pair.key, 0, key.subarray(2)))}`
    if (value === null) return `${named} deleted`
    if (pair.value === undefined) return named
    const version = value.readInt16BE(0)
    return `${named} = v${version} ${json(read(pair.value, version, value.subarray(2)))}`
  } catch (error) {
    return `${pair.key.name}: unreadable: ${(error as Error).message}`
  }
}
