// Headers and frames, both ways: sizes, header versions, chunks by reference, and a stream cut anywhere.

import { expect, test } from 'vitest'
import { Fetch } from './apis/01-fetch.ts'
import { ApiVersions } from './apis/18-api-versions.ts'
import { ControlledShutdown } from './apis/07-controlled-shutdown.ts'
import { MalformedError, Reader } from './codec/reader.ts'
import { FrameSplitter, readRequest, readResponse, writeRequest, writeResponse } from './frame.ts'
import { readRequestHeader, requestHeaderVersion, responseHeaderVersion } from './header.ts'

test('header versions follow the key and the version', () => {
  expect(requestHeaderVersion(ControlledShutdown, 0)).toBe(0)
  expect(requestHeaderVersion(ControlledShutdown, 1)).toBe(1)
  expect(requestHeaderVersion(Fetch, 11)).toBe(1)
  expect(requestHeaderVersion(Fetch, 12)).toBe(2)
  expect(requestHeaderVersion(ApiVersions, 99)).toBe(2)
  expect(responseHeaderVersion(Fetch, 11)).toBe(0)
  expect(responseHeaderVersion(Fetch, 12)).toBe(1)
  expect(responseHeaderVersion(ApiVersions, 4)).toBe(0)
})

test.each([0, 2, 3])('a request of ApiVersions v%i reads back', version => {
  const written = {
    clientSoftwareName: version < 3 ? '' : 'odradek',
    clientSoftwareVersion: version < 3 ? '' : '1',
  }
  const request = ApiVersions.request.create(written)
  const frame = Buffer.concat(
    writeRequest(ApiVersions, version, { correlationId: 7, clientId: 'c' }, request),
  )
  expect(frame.readInt32BE(0)).toBe(frame.length - 4)
  const reader = new Reader(frame, 4)
  const header = readRequestHeader(reader)
  expect(header).toEqual({ requestApiKey: 18, requestApiVersion: version, correlationId: 7, clientId: 'c' })
  expect(readRequest(ApiVersions, version, reader)).toEqual(request)
  expect(reader.remaining).toBe(0)
})

test('record batches travel by reference', () => {
  const records = Buffer.from('not really a batch')
  const response = Fetch.response.create({
    responses: [{ topic: 't', partitions: [{ partitionIndex: 0, highWatermark: 5, records }] }],
  })
  const chunks = writeResponse(Fetch, 4, 9, response)
  expect(chunks).toContain(records)
  const frame = Buffer.concat(chunks)
  expect(frame.readInt32BE(0)).toBe(frame.length - 4)
  const back = readResponse(Fetch, 4, frame.subarray(4))
  expect(back.correlationId).toBe(9)
  expect(back.response.responses[0]?.partitions[0]).toMatchObject({ highWatermark: 5, records })
})

test('a header of an unknown key is malformed', () => {
  const frame = Buffer.from('7fff0000000000010000', 'hex')
  expect(() => readRequestHeader(new Reader(frame))).toThrow(MalformedError)
})

test('a stream cut at every byte gives the same frames', () => {
  const frames = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('three')]
  const stream = Buffer.concat(
    frames.flatMap(frame => {
      const size = Buffer.alloc(4)
      size.writeInt32BE(frame.length)
      return [size, frame]
    }),
  )
  for (let cut = 0; cut <= stream.length; cut++) {
    const splitter = new FrameSplitter()
    const got = [...splitter.push(stream.subarray(0, cut)), ...splitter.push(stream.subarray(cut))]
    expect(got).toEqual(frames)
  }
})

test.each([-1, 1001])('a frame of %i bytes is refused before it is received', size => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(size)
  expect(() => new FrameSplitter(1000).push(bytes)).toThrow(MalformedError)
})
