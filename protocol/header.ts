// The headers before requests and responses.
//
//   request v0  api key int16, api version int16, correlation id int32      (ControlledShutdown v0 only)
//   request v1  + client id, a nullable string
//   request v2  + tags; the client id stays a plain string
//   response v0 correlation id int32
//   response v1 + tags                                                    (never for ApiVersions, KIP-511)
//
// Which header comes with a request follows from its key and version, which stand at its very start.

import { codecOf } from './codec/message.ts'
import { MalformedError, type Reader } from './codec/reader.ts'
import type { Writer } from './codec/writer.ts'
import { apis } from './apis/index.ts'
import { ApiVersions } from './apis/18-api-versions.ts'
import { ControlledShutdown } from './apis/07-controlled-shutdown.ts'
import { type Api, defineMessage } from './schema/message.ts'
import { int16, int32, string, struct, type Value } from './schema/vocabulary.ts'

const requestHeader = struct({
  requestApiKey: int16,
  requestApiVersion: int16,
  correlationId: int32,
  clientId: string.since(1).nullable().plain(),
})
export interface RequestHeader extends Value<typeof requestHeader> {}

export const RequestHeader = defineMessage<RequestHeader>({
  name: 'RequestHeader',
  versions: [0, 2],
  flexibleFrom: 2,
  fields: requestHeader,
})

const responseHeader = struct({
  correlationId: int32,
})
export interface ResponseHeader extends Value<typeof responseHeader> {}

export const ResponseHeader = defineMessage<ResponseHeader>({
  name: 'ResponseHeader',
  versions: [0, 1],
  flexibleFrom: 1,
  fields: responseHeader,
})

const byKey = new Map<number, Api>(apis.map(api => [api.key, api]))

/** Undefined for keys that no release we know has. */
export function apiOf(key: number): Api | undefined {
  return byKey.get(key)
}

/** Also right for versions newer than ours, whose header ApiVersions has to read. */
export function requestHeaderVersion(api: Api, version: number): 0 | 1 | 2 {
  if (api.key === ControlledShutdown.key && version === 0) return 0
  return version >= api.flexibleFrom ? 2 : 1
}

export function responseHeaderVersion(api: Api, version: number): 0 | 1 {
  if (api.key === ApiVersions.key) return 0
  return version >= api.flexibleFrom ? 1 : 0
}

/** Throws MalformedError when the bytes are no header, or when no release has the key. */
export function readRequestHeader(reader: Reader): RequestHeader {
  const start = reader.take(4)
  const key = reader.view.getInt16(start)
  const version = reader.view.getInt16(start + 2)
  const api = apiOf(key)
  if (api === undefined) throw new MalformedError(`no API has key ${key}`)
  reader.position = start
  return codecOf(RequestHeader, requestHeaderVersion(api, version)).read(reader)
}

export function writeRequestHeader(writer: Writer, api: Api, header: RequestHeader): void {
  codecOf(RequestHeader, requestHeaderVersion(api, header.requestApiVersion)).write(writer, header)
}

export function readResponseHeader(reader: Reader, api: Api, version: number): ResponseHeader {
  return codecOf(ResponseHeader, responseHeaderVersion(api, version)).read(reader)
}

export function writeResponseHeader(writer: Writer, api: Api, version: number, header: ResponseHeader): void {
  codecOf(ResponseHeader, responseHeaderVersion(api, version)).write(writer, header)
}
