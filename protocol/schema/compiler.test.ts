// The compiler against its specification, the interpreter: the same bytes, the same values and the same verdict
// on damaged bytes, for random values of every message at every version.
//
// The seed is printed by a failing test; set SEED to run one again.

import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { expect, test } from 'vitest'
import { Fetch } from '../apis/01-fetch.ts'
import { codecOf, planOfMessage } from '../codec/message.ts'
import { MalformedError, Reader } from '../codec/reader.ts'
import { Writer } from '../codec/writer.ts'
import { allVersions } from '../testing/messages.ts'
import { Random, randomValue } from '../testing/random-values.ts'
import { compiled } from './compiler.ts'
import { interpreted } from './interpreter.ts'
import type { Codec } from './message.ts'

const SEED = Number(process.env.SEED ?? 20260101)

const bothOf = (plan: ReturnType<typeof planOfMessage>) => ({
  fast: compiled<object>(plan),
  plain: interpreted<object>(plan),
})

function written(codec: Codec<object>, value: object): Buffer {
  const writer = new Writer(256)
  writer.begin()
  codec.write(writer, value)
  return Buffer.concat(writer.end())
}

/** The value, or the MalformedError; anything else that is thrown fails the test. */
function verdict(codec: Codec<object>, bytes: Buffer): object | 'malformed' {
  try {
    const reader = new Reader(bytes)
    const value = codec.read(reader)
    reader.finish()
    return value
  } catch (error) {
    if (error instanceof MalformedError) return 'malformed'
    throw error
  }
}

test('compiled and interpreted agree on every message at every version, and values come back', () => {
  const random = new Random(SEED)
  for (const { message, version } of allVersions()) {
    const plan = planOfMessage(message, version)
    const { fast, plain } = bothOf(plan)
    for (let i = 0; i < 6; i++) {
      const where = `${message.name} v${version}, seed ${SEED}, value ${i}`
      const value = randomValue(random, plan)
      const bytes = written(plain, value)
      if (!written(fast, value).equals(bytes)) expect.fail(`bytes differ: ${where}`)
      const read = plain.read(new Reader(bytes))
      if (!isDeepStrictEqual(read, value)) expect(read, where).toEqual(value)
      const fastRead = fast.read(new Reader(bytes))
      if (!isDeepStrictEqual(fastRead, value)) expect(fastRead, where).toEqual(value)
    }
  }
})

test('a frame cut anywhere is malformed', () => {
  const random = new Random(SEED + 1)
  for (const { message, version } of allVersions()) {
    const plan = planOfMessage(message, version)
    const { fast, plain } = bothOf(plan)
    const bytes = written(fast, randomValue(random, plan))
    const step = Math.max(1, Math.floor(bytes.length / 24))
    for (let length = bytes.length - 1; length >= 0; length -= step) {
      const cut = bytes.subarray(0, length)
      const where = `${message.name} v${version} cut to ${length} of ${bytes.length}, seed ${SEED}`
      if (verdict(fast, cut) !== 'malformed') expect.fail(`compiled took ${where}`)
      if (verdict(plain, cut) !== 'malformed') expect.fail(`interpreted took ${where}`)
    }
  }
})

test('damaged frames get the same verdict from both, and nothing but a MalformedError is thrown', () => {
  const random = new Random(SEED + 2)
  for (const { message, version } of allVersions()) {
    const plan = planOfMessage(message, version)
    const { fast, plain } = bothOf(plan)
    const bytes = written(fast, randomValue(random, plan))
    for (let i = 0; i < 12 && bytes.length > 0; i++) {
      const damaged = Buffer.from(bytes)
      for (let hits = 1 + random.below(3); hits > 0; hits--) {
        damaged[random.below(bytes.length)] = random.chance(0.5)
          ? random.below(256)
          : ([0x7f, 0xff, 0x80][hits % 3] as number)
      }
      const where = `${message.name} v${version} ${damaged.toString('hex')}, seed ${SEED}`
      const fastVerdict = verdict(fast, damaged)
      const plainVerdict = verdict(plain, damaged)
      if (!isDeepStrictEqual(fastVerdict, plainVerdict)) expect(fastVerdict, where).toEqual(plainVerdict)
    }
  }
})

test('decoded values share one hidden class over all versions', () => {
  setFlagsFromString('--allow-natives-syntax')
  // oxlint-disable-next-line typescript/no-implied-eval -- only V8 knows
  const sameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: unknown, b: unknown) => boolean
  const values = [0, 4, 7, 12, 13, 15, 18].map(version => {
    const value = Fetch.request.create({
      topics: [{ topic: version < 13 ? 't' : '', partitions: [{ partition: 1 }] }],
    })
    return codecOf(Fetch.request, version).read(
      new Reader(written(codecOf(Fetch.request, version) as Codec<object>, value)),
    )
  })
  for (const value of values) {
    expect(sameMap(value, values[0])).toBe(true)
    expect(sameMap(value.topics[0]?.partitions[0], values[0]?.topics[0]?.partitions[0])).toBe(true)
  }
})
