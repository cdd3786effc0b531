/**
 * The two headers, and a whole reply: size, response header, body.
 *
 *   request   key int16 │ version int16 │ correlation id int32 │ client id nullable string │ (flexible: tagged fields)
 *   reply     size int32 │ correlation id int32 │ (flexible, but never ApiVersions: tagged fields) │ body
 *
 * The client id is a plain int16-sized string even in flexible versions, and ApiVersions always answers with the oldest header, because its
 * client does not know yet what we speak (KIP-482, KIP-511).
 */
import { codecOf } from '../../protocol/codec/message.ts'
import { Reader } from '../../protocol/codec/reader.ts'
import { Writer } from '../../protocol/codec/writer.ts'
import type { AnyApi } from '../handlers/handler.ts'

export const API_VERSIONS_KEY = 18
const CONTROLLED_SHUTDOWN_KEY = 7

export interface RequestHeader {
  readonly apiKey: number
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
}

export function readRequestHeader(
  reader: Reader,
  isFlexible: (apiKey: number, version: number) => boolean,
): RequestHeader {
  const at = reader.take(8)
  const apiKey = reader.view.getInt16(at)
  const version = reader.view.getInt16(at + 2)
  const correlationId = reader.view.getInt32(at + 4)
  // ControlledShutdown v0 is the one request whose header has no client id.
  const clientId = apiKey === CONTROLLED_SHUTDOWN_KEY && version === 0 ? null : reader.string()
  if (isFlexible(apiKey, version)) skipTags(reader)
  return { apiKey, version, correlationId, clientId }
}

function skipTags(reader: Reader): void {
  for (let left = reader.tagCount(); left > 0; left--) {
    reader.uvarint()
    reader.position = reader.taggedEnd()
  }
}

/** The body of a request, after the api's `upgrade`. Throws MalformedError. */
export function readBody(api: AnyApi, version: number, reader: Reader): unknown {
  const body: unknown = codecOf(api.request, version).read(reader)
  reader.finish()
  api.upgrade?.(body, version)
  return body
}

const writer = new Writer()

/** All bytes of a reply, its size first; record batches by reference. Throws EncodeError when the version cannot carry the answer. */
export function writeReply(api: AnyApi, version: number, correlationId: number, response: unknown): Buffer[] {
  api.downgrade?.(response, version)
  writer.begin()
  writer.int32(0)
  writer.int32(correlationId)
  if (version >= api.flexibleFrom && api.key !== API_VERSIONS_KEY) writer.int8(0)
  codecOf(api.response, version).write(writer, response)
  const size = writer.size - 4
  const buffers = writer.end()
  buffers[0]!.writeInt32BE(size, 0)
  return buffers
}
