// Text and bytes of uuids, as Kafka prints and reads them.

import { expect, test } from 'vitest'
import { METADATA_TOPIC_ID, randomUuid, uuidFromBytes, uuidToBytes, ZERO_UUID } from './uuid.ts'

test('the reserved ids are all zeros, and zeros with a one at the end', () => {
  expect(uuidToBytes(ZERO_UUID)).toEqual(Buffer.alloc(16))
  expect(uuidToBytes(METADATA_TOPIC_ID).toString('hex')).toBe(`${'00'.repeat(15)}01`)
})

test('text and bytes are two forms of the same', () => {
  const bytes = Buffer.from('abcdef0123456789fedcba9876543210', 'hex')
  expect(uuidFromBytes(bytes)).toBe('q83vASNFZ4n-3LqYdlQyEA')
  expect(uuidToBytes('q83vASNFZ4n-3LqYdlQyEA')).toEqual(bytes)
})

test.each(['', 'AAAA', `${ZERO_UUID}AA`, '00000000-0000-0000-0000-000000000000'])('%j is no uuid', text => {
  expect(() => uuidToBytes(text)).toThrow(RangeError)
})

test('a random uuid is version 4 and never starts with a dash', () => {
  // The first bytes offered would give text that starts with a dash, 0xf8 being '-' in base64url.
  const offered = [Buffer.alloc(16, 0xf8), Buffer.alloc(16, 0xff), Buffer.alloc(16)]
  offered[1]![0] = 0
  const text = randomUuid(() => offered.shift() as Buffer)
  expect(uuidToBytes(text).toString('hex')).toBe('00ffffffffff4fffbfffffffffffffff')
  expect(offered).toHaveLength(1)
})
