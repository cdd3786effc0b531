import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holderOf, lockByFile, lockDirectory } from './directory-lock.ts'

// The other process runs this very module, bundled, since the oldest Node we support cannot load TypeScript.
let room: string
let program: string

beforeAll(() => {
  room = fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-lock-'))
  program = path.join(room, 'lock.mjs')
  buildSync({
    stdin: {
      contents: `
        import { lockByFile, lockDirectory } from './directory-lock.ts'
        const [kind, directory] = process.argv.slice(2)
        const lock = kind === 'file' ? lockByFile : lockDirectory
        lock(directory).then(() => console.log('locked'), error => console.log(error.code))
        setInterval(() => {}, 1000)
      `,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  })
})

afterAll(() => fs.rmSync(room, { recursive: true }))

async function lockInOtherProcess(
  kind: 'file' | 'default',
  directory: string,
): Promise<[ChildProcess, string]> {
  const child = spawn(process.execPath, [program, kind, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = (await once(child.stdout!, 'data')) as [Buffer]
  return [child, output.toString().trim()]
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

for (const [kind, lock] of [
  ['default', lockDirectory],
  ['file', lockByFile],
] as const) {
  test(`a directory locked by another process is refused until it is killed (${kind})`, async () => {
    const directory = fs.mkdtempSync(path.join(room, `${kind}-`))
    const [child, said] = await lockInOtherProcess(kind, directory)
    try {
      expect(said).toBe('locked')
      await expect(lock(directory)).rejects.toMatchObject({ code: 'EBUSY' })
    } finally {
      await kill(child)
    }
    const ours = await lock(directory)
    const [second, refused] = await lockInOtherProcess(kind, directory)
    await kill(second)
    expect(refused).toBe('EBUSY')
    ours.release()
  })

  test(`a second owner in this process is refused until the first lets go (${kind})`, async () => {
    const directory = fs.mkdtempSync(path.join(room, `${kind}-`))
    fs.symlinkSync(directory, `${directory}-link`)
    const first = await lock(directory)
    await expect(lock(`${directory}-link`)).rejects.toMatchObject({ code: 'EBUSY' })
    first.release()
    first.release()
    const second = await lock(directory)
    second.release()
  })
}

test('a lock file of an earlier boot, or of a process whose pid was given away, is no lock', async () => {
  const directory = fs.mkdtempSync(path.join(room, 'stale-'))
  const parent = { pid: process.ppid, bootedMs: Math.round(Date.now() - os.uptime() * 1000) }
  for (const owner of [
    { ...parent, bootedMs: parent.bootedMs - 3_600_000, started: 'whenever' },
    { ...parent, started: 'Thu Jan  1 00:00:00 1970' },
    {},
  ]) {
    fs.writeFileSync(`${directory}/.lock`, JSON.stringify(owner))
    const lock = await lockByFile(directory)
    lock.release()
  }
})

test('the holder of Java’s lock is found in /proc/locks', () => {
  const locks = [
    '1: FLOCK  ADVISORY  WRITE 311 08:10:524318 0 EOF',
    '2: POSIX  ADVISORY  READ  312 08:10:524318 0 EOF',
    '3: POSIX  ADVISORY  WRITE 313 08:11:524318 0 EOF',
    '4: POSIX  ADVISORY  WRITE 23817 08:10:524318 0 EOF',
    '4: -> POSIX  ADVISORY  WRITE 999 08:10:1 0 EOF',
  ].join('\n')
  expect(holderOf(locks, 0x810, 524318)).toBe(23817)
  expect(holderOf(locks, 0x810, 524319)).toBeUndefined()
  expect(holderOf('9: POSIX  ADVISORY  WRITE 5 103:10305:7 0 EOF', 0x10310305, 7)).toBe(5)
})
