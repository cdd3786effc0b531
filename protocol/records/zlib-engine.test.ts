import { constants, createGunzip, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ZlibEngine } from './zlib-engine.ts'

const plain = Buffer.from('what is to be read')
const compress = (bytes: Buffer) => gzipSync(bytes)

test.each<[string, () => object, (bytes: Buffer) => Uint8Array]>([
  ['has no handle', () => ({}), compress],
  ['cannot be made', () => expect.fail('no such engine'), compress],
  ['has another call', () => ({ _handle: { reset() {} }, _writeState: new Uint32Array(2) }), compress],
  ['does not know the known', createGunzip, () => gzipSync('something else')],
  ['refuses the known', createGunzip, bytes => bytes],
])('an engine that %s is left to the public call', (_, create, known) => {
  const engine = new ZlibEngine(create, constants.Z_FINISH, known)
  for (let i = 0; i < 2; i++) expect(engine.decompress(gzipSync(plain))).toBe(undefined)
})

test('an engine works again after what it refused, and leaves what outgrows its output', () => {
  const engine = new ZlibEngine(createGunzip, constants.Z_FINISH, compress)
  expect(engine.decompress(gzipSync(plain))?.equals(plain)).toBe(true)
  expect(() => engine.decompress(plain)).toThrow('incorrect header check')
  expect(engine.decompress(gzipSync(Buffer.alloc(1024 * 1024)))).toBe(undefined)
  expect(engine.decompress(gzipSync(plain))?.equals(plain)).toBe(true)
})
