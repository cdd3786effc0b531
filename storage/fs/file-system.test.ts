// One contract, every file system: what port.ts promises holds for the real one, the one in memory and the wrapper.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { FaultyFileSystem } from './faulty.ts'
import { MemoryFileSystem } from './memory.ts'
import { NodeFileSystem } from './node.ts'
import type { FileSystem } from './port.ts'
import { hasCode } from './port.ts'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-fs-'))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
let directories = 0

const variants: [name: string, make: () => FileSystem][] = [
  ['node', () => new NodeFileSystem()],
  ['node with two descriptors', () => new NodeFileSystem({ maxOpenFiles: 2 })],
  ['memory', () => new MemoryFileSystem()],
  ['memory that can crash', () => new MemoryFileSystem({ recordsCrashes: true })],
  ['faulty without faults', () => new FaultyFileSystem(new MemoryFileSystem())],
]

function codeOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

describe.each(variants)('%s', (_, make) => {
  const fresh = () => {
    const system = make()
    const directory = `${root}/${++directories}`
    system.mkdirp(directory)
    return { system, directory }
  }

  test('open modes: what must and must not exist', () => {
    const { system, directory } = fresh()
    const file = `${directory}/a`
    expect(codeOf(() => system.open(file, 'read'))).toBe('ENOENT')
    expect(codeOf(() => system.open(file, 'write'))).toBe('ENOENT')
    system.open(file, 'new').close()
    expect(codeOf(() => system.open(file, 'new'))).toBe('EEXIST')
    const again = system.open(file, 'create')
    again.write(Buffer.from('kept'), 0)
    again.close()
    expect(system.readFile(file).toString()).toBe('kept')
    expect(codeOf(() => system.open(file, 'read').write(Buffer.from('x'), 0))).toBe('EBADF')
    expect(codeOf(() => again.size())).toBe('EBADF')
  })

  test('reads stop at the end, truncate extends with zeros, several buffers are one write', () => {
    const { system, directory } = fresh()
    const file = system.open(`${directory}/a`, 'new')
    file.write([Buffer.from('ab'), Buffer.from('cd')], 1)
    file.truncate(8)
    const target = Buffer.alloc(12, 0x2e)
    expect(file.read(target, 1, 10, 0)).toBe(8)
    expect(target.toString('latin1')).toBe('.\0abcd\0\0\0...')
    file.truncate(3)
    file.truncate(5)
    expect(file.read(target, 0, 12, 0)).toBe(5)
    expect(target.toString('latin1', 0, 5)).toBe('\0ab\0\0')
    expect(file.read(target, 0, 4, 9)).toBe(0)
    file.close()
    file.close()
  })

  test('names: rename replaces, unlink forgives, readdir and stat see it', () => {
    const { system, directory } = fresh()
    for (const name of ['a', 'b']) {
      const file = system.open(`${directory}/${name}`, 'new')
      file.write(Buffer.from(name), 0)
      file.close()
    }
    system.mkdirp(`${directory}/sub/deep`)
    system.rename(`${directory}/a`, `${directory}/b`)
    expect(system.readFile(`${directory}/b`).toString()).toBe('a')
    expect(system.readdir(directory).sort()).toEqual(['b', 'sub'])
    expect(system.stat(`${directory}/sub`)?.isDirectory).toBe(true)
    expect(system.stat(`${directory}/b`)).toMatchObject({ size: 1, isDirectory: false })
    expect(system.stat(`${directory}/a`)).toBeUndefined()
    system.unlink(`${directory}/a`)
    system.rename(`${directory}/sub`, `${directory}/other`)
    expect(system.exists(`${directory}/other/deep`)).toBe(true)
    system.rmrf(`${directory}/other`)
    expect(system.readdir(directory)).toEqual(['b'])
  })

  test('replaced files are whole', () => {
    const { system, directory } = fresh()
    system.writeFileAtomic(`${directory}/a`, Buffer.from('a long first content'))
    system.replaceFile(`${directory}/a`, Buffer.from('second'))
    expect(system.readFile(`${directory}/a`).toString()).toBe('second')
    expect(system.readdir(directory)).toEqual(['a'])
    system.setModifiedTime(`${directory}/a`, 1_600_000_000_000)
    expect(system.stat(`${directory}/a`)?.mtimeMs).toBe(1_600_000_000_000)
  })

  test('a closed file may still be syncing; an unlinked one can be read while it is open', async () => {
    const { system, directory } = fresh()
    const file = system.open(`${directory}/a`, 'new')
    file.write(Buffer.from('x'), 0)
    const synced = file.sync()
    file.close()
    await synced
    await system.syncDirLater(directory)
    system.syncDir(directory)
  })

  test('a directory has one owner', async () => {
    const { system, directory } = fresh()
    const lock = await system.lockDirectory(directory)
    await expect(system.lockDirectory(directory)).rejects.toMatchObject({ code: 'EBUSY' })
    lock.release()
  })

  test('any run of writes, truncations and reads equals the same on one flat buffer', () => {
    const operation = fc.oneof(
      fc.record({ at: fc.nat(200_000), bytes: fc.uint8Array({ minLength: 1, maxLength: 3000 }) }),
      fc.record({ truncate: fc.nat(200_000) }),
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), operations => {
        const { system, directory } = fresh()
        const file = system.open(`${directory}/a`, 'new')
        let model = Buffer.alloc(0)
        for (const step of operations) {
          const size =
            'truncate' in step ? step.truncate : Math.max(model.length, step.at + step.bytes.length)
          const next = Buffer.alloc(size)
          model.copy(next)
          model = next
          if ('truncate' in step) file.truncate(step.truncate)
          else {
            file.write(step.bytes, step.at)
            model.set(step.bytes, step.at)
          }
        }
        expect(file.size()).toBe(model.length)
        const read = Buffer.alloc(model.length)
        file.read(read, 0, read.length, 0)
        expect(read.equals(model)).toBe(true)
        file.close()
      }),
      { numRuns: 40 },
    )
  })
})

test('the descriptor cache stays within its bound and nobody notices', async () => {
  const system = new NodeFileSystem({ maxOpenFiles: 5 })
  const directory = `${root}/${++directories}`
  system.mkdirp(directory)
  const files = Array.from({ length: 40 }, (_, i) => system.open(`${directory}/${i}`, 'new'))
  for (const [i, file] of files.entries()) file.write(Buffer.from([i]), 0)
  await Promise.all(files.slice(0, 4).map(file => file.sync()))
  const byte = Buffer.alloc(1)
  for (const [i, file] of [...files.entries()].reverse()) {
    expect(file.read(byte, 0, 1, 0)).toBe(1)
    expect(byte[0]).toBe(i)
    expect(system.openFileCount).toBeLessThanOrEqual(5)
  }
  for (const file of files) file.close()
  expect(system.openFileCount).toBe(0)
})

test('a crash keeps what was synced and forgets the rest', async () => {
  const system = new MemoryFileSystem({ recordsCrashes: true })
  system.mkdirp('/d')
  system.syncDir('/')
  const file = system.open('/d/a', 'new')
  file.write(Buffer.from('synced'), 0)
  const synced = file.sync()
  file.write(Buffer.from('LOST'), 0)
  await synced
  system.syncDir('/d')
  system.open('/d/unsynced-name', 'new').syncNow()
  const survivor = system.crash()
  expect(survivor.readFile('/d/a').toString()).toBe('synced')
  expect(survivor.readdir('/d')).toEqual(['a'])
  expect(codeOf(() => file.size())).toBe('EIO')
  expect(codeOf(() => system.exists('/d'))).toBe('EIO')
})

test('a rename is forgotten until its directory is synced', () => {
  const system = new MemoryFileSystem({ recordsCrashes: true })
  system.mkdirp('/d')
  system.syncDir('/')
  system.writeFileAtomic('/d/a', Buffer.from('old'))
  system.replaceFile('/d/a', Buffer.from('new'))
  expect(system.crash().readFile('/d/a').toString()).toBe('old')
})

test('a crash may also keep later writes, whole or torn, but never touches synced bytes they do not cover', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), randomness => {
      const system = new MemoryFileSystem({ recordsCrashes: true })
      const file = system.open('/a', 'new')
      file.write(Buffer.from('AAAA'), 0)
      file.syncNow()
      system.syncDir('/')
      file.write(Buffer.from('BBBB'), 4)
      file.write(Buffer.from('CCCC'), 8)
      const survivor = system.crash(() => randomness.next().value)
      expect(survivor.readFile('/a').toString('latin1')).toMatch(/^AAAA(B{0,4}|(B{0,4}\0{0,4}C{0,4}))$/)
    }),
  )
})

test('a fault strikes the chosen operation and path, after and as often as told', () => {
  const system = new FaultyFileSystem(new MemoryFileSystem())
  const a = system.open('/a.log', 'new')
  const b = system.open('/b.index', 'new')
  system.inject({ operation: 'write', path: '.log', code: 'ENOSPC', after: 1, times: 2, partialBytes: 2 })
  a.write(Buffer.from('1111'), 0)
  expect(codeOf(() => a.write(Buffer.from('2222'), 4))).toBe('ENOSPC')
  expect(a.size()).toBe(6)
  b.write(Buffer.from('x'), 0)
  expect(codeOf(() => a.write(Buffer.from('2222'), 4))).toBe('ENOSPC')
  a.write(Buffer.from('3333'), 4)
  expect(system.struck).toBe(2)
  const heal = system.inject({ operation: 'sync', code: 'EIO' })
  expect(codeOf(() => a.syncNow())).toBe('EIO')
  heal()
  a.syncNow()
})

test('hasCode looks at errors only', () => {
  expect(hasCode(Object.assign(new Error('x'), { code: 'EIO' }), 'EIO')).toBe(true)
  expect(hasCode({ code: 'EIO' }, 'EIO')).toBe(false)
})

test('how long an fsync took is told', async () => {
  const took: number[] = []
  const file = new NodeFileSystem({ onSync: tookMs => took.push(tookMs) }).open(
    path.join(root, 'timed'),
    'create',
  )
  file.write(Buffer.from('x'), 0)
  await file.sync()
  file.close()
  expect(took).toEqual([expect.any(Number)])
  expect(took[0]).toBeGreaterThan(0)
})
