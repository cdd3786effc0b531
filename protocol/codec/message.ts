// Reading and writing whole messages. `readMessage` and `writeMessage` are for bytes that stand alone (record
// keys and values, metadata records, files); requests and responses go through ../frame.ts.

import { canCompile, compiled } from '../schema/compiler.ts'
import { interpreted } from '../schema/interpreter.ts'
import type { Codec, Message } from '../schema/message.ts'
import { planOf, type StructPlan } from '../schema/plan.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** The plan of a message at a version that it has. */
export function planOfMessage<T>(message: Message<T>, version: number): StructPlan {
  const [lowest, highest] = message.versions
  if (!Number.isInteger(version) || version < lowest || version > highest) {
    throw new RangeError(`${message.name} has versions ${lowest} to ${highest}, not ${version}`)
  }
  const flexible = version >= message.flexibleFrom
  const { struct, keepsUnknownTags } = message
  return planOf(struct, { version, flexible, keepsUnknownTags }, message.name)
}

/** The reader and writer of one version, made on first use. Throws a RangeError for a version it lacks. */
export function codecOf<T>(message: Message<T>, version: number): Codec<T> {
  const known = message.codecs[version]
  if (known !== undefined) return known
  const plan = planOfMessage(message, version)
  const codec = canCompile ? compiled<T>(plan) : interpreted<T>(plan)
  message.codecs[version] = codec
  return codec
}

/** Throws MalformedError when the bytes are too short, too long, or not what the schema says. */
export function readMessage<T>(message: Message<T>, version: number, bytes: Uint8Array): T {
  const reader = new Reader(bytes)
  const value = codecOf(message, version).read(reader)
  reader.finish()
  return value
}

const scratch = new Writer()

/** The bytes of a message, in one buffer of its own. Throws EncodeError when this version cannot carry it. */
export function writeMessage<T>(message: Message<T>, version: number, value: T): Buffer {
  const codec = codecOf(message, version)
  scratch.begin()
  codec.write(scratch, value)
  return scratch.endAsOne()
}

export { MalformedError } from './reader.ts'
export { EncodeError } from './writer.ts'
