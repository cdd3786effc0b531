// Whatever goes wrong in a handler, every version of every API we serve has an answer that says so.
import { expect, test } from 'vitest'
import { CreateTopics } from '../../protocol/apis/19-create-topics.ts'
import { readMessage } from '../../protocol/codec/message.ts'
import { Errors } from '../../protocol/errors.ts'
import { writeResponse } from '../../protocol/frame.ts'
import { defaultOf } from '../../protocol/schema/defaults.ts'
import type { Struct } from '../../protocol/schema/vocabulary.ts'
import { failedResponse } from './failed.ts'
import type { AnyApi } from './handler.ts'
import { handlers } from './registry.ts'

const { code } = Errors.UNKNOWN_SERVER_ERROR

/** A request with one row in each of its arrays. */
function sample(struct: Struct): Record<string, unknown> {
  const entries = Object.entries(struct.shape).map(([name, { facts }]) => {
    const { type } = facts
    if (type.kind !== 'array') return [name, defaultOf(facts)]
    const { element } = type
    if (element.kind === 'struct') return [name, [sample(element.struct)]]
    return [name, [element.kind === 'string' ? 'x' : element.kind === 'uuid' ? 'AAAAAAAAAAAAAAAAAAAAAQ' : 0]]
  })
  return Object.fromEntries(entries)
}

const codesIn = (value: unknown): number[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) =>
        name === 'errorCode' ? [inner as number] : codesIn(inner),
      )

const cases = handlers.flatMap(definition => {
  const [lowest, highest] = definition.serves
  const versions = Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i)
  return versions.map(version => [definition.api.name, version, definition] as const)
})

test.each(cases)('%s v%i', (_name, version, definition) => {
  const api: AnyApi = definition.api
  const request = sample(api.request.struct)
  const failure = { code, message: null }
  const failed = definition.failed as ((request: unknown, failure: object) => unknown) | undefined
  const answer = failed?.(request, failure) ?? failedResponse(api.response, request, version, failure)
  const frame = Buffer.concat(writeResponse(api, version, 7, answer))
  const headerBytes = version >= api.flexibleFrom && api.name !== 'ApiVersions' ? 9 : 8
  const read = readMessage(api.response, version, frame.subarray(headerBytes))
  expect(codesIn(read)).toContain(code)
})

test('a failed row names itself and nothing else that was asked for', () => {
  const configs = [{ name: 'cleanup.policy', value: 'compact' }]
  const topics = [{ name: 't', numPartitions: 20_000, replicationFactor: 1, assignments: [], configs }]
  const failure = { code, message: 'no' }
  expect(failedResponse(CreateTopics.response, { topics }, 7, failure)).toMatchObject({
    topics: [
      {
        name: 't',
        errorCode: code,
        errorMessage: 'no',
        numPartitions: -1,
        replicationFactor: -1,
        configs: [],
      },
    ],
  })
})
