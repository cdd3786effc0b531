// One broker per log directory. On Linux the lock is an abstract unix socket named after the directory's device and
// inode: it leaves no file behind and frees itself however the process ends. Elsewhere it is a `.lock` file that names
// its owner by pid, time of boot and time of start, so that a pid used again is not taken for the owner.
// Limits, documented: Java's lock on `.lock` cannot be taken from Node, so a Java broker that holds it is seen and
// refused here, but one started later on our directory does not see us; and abstract names belong to a network
// namespace, so a second container on the same volume is not kept out.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import type { DirectoryLock } from './port.ts'

const LOCK_FILE = '.lock'

export function lockDirectory(path: string): Promise<DirectoryLock> {
  return process.platform === 'linux' ? lockBySocket(path) : lockByFile(path)
}

function lockBySocket(path: string): Promise<DirectoryLock> {
  const { dev, ino } = fs.statSync(path)
  const javaPid = pidOfJavaLock(path)
  if (javaPid !== undefined) return Promise.reject(busy(path, `process ${javaPid}, a Java broker`))
  const server = net.createServer(socket => socket.destroy())
  return new Promise((resolve, reject) => {
    // Not once: an accept that fails much later must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? busy(path, 'another broker') : error)
    })
    server.listen({ path: `\0odradek-log-dir-${dev}-${ino}`, exclusive: true }, () => {
      server.unref()
      resolve({ directory: path, release: () => void server.close() })
    })
  })
}

// ---- a Java broker on the directory

function pidOfJavaLock(path: string): number | undefined {
  const stat = fs.statSync(`${path}/${LOCK_FILE}`, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  try {
    return holderOf(fs.readFileSync('/proc/locks', 'utf8'), stat.dev, stat.ino)
  } catch {
    return undefined
  }
}

/**
 * The process that holds a POSIX lock on this inode, by what /proc/locks says:
 *   4: POSIX  ADVISORY  WRITE 23817 08:10:524318 0 EOF
 *                             pid   major:minor (hexadecimal) : inode
 */
export function holderOf(procLocks: string, dev: number, ino: number): number | undefined {
  // Linux packs device numbers as mmmM MMmm (major, minor) in its 32-bit dev_t.
  const major = (dev >>> 8) & 0xfff
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00)
  const file = `${hex(major)}:${hex(minor)}:${ino}`
  for (const line of procLocks.split('\n')) {
    const [, kind, , mode, pid, locked] = line.trim().split(/\s+/)
    if (kind === 'POSIX' && mode === 'WRITE' && locked === file) return Number(pid)
  }
  return undefined
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0')
}

// ---- a lock file, where there are no abstract sockets

interface Owner {
  readonly pid: number
  /** Rounded to what two readings of the clock can differ by. */
  readonly bootedMs: number
  /** As `ps` prints it; empty where there is no such program. */
  readonly started: string
}

const BOOT_TOLERANCE_MS = 60_000
const held = new Set<string>()

export async function lockByFile(path: string): Promise<DirectoryLock> {
  const directory = fs.realpathSync(path)
  const file = `${directory}/${LOCK_FILE}`
  const owner = readOwner(file)
  if (held.has(directory) || (owner !== undefined && isAlive(owner)))
    throw busy(path, `process ${owner?.pid ?? process.pid}`)
  const us: Owner = { pid: process.pid, bootedMs: bootedMs(), started: startOf(process.pid) }
  fs.writeFileSync(file, JSON.stringify(us))
  held.add(directory)
  const release = () => {
    if (held.delete(directory)) fs.rmSync(file, { force: true })
  }
  return { directory: path, release }
}

/** Undefined for no file, and for Java's empty one. */
function readOwner(file: string): Owner | undefined {
  try {
    const owner = JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<Owner>
    if (typeof owner.pid !== 'number') return undefined
    return { pid: owner.pid, bootedMs: Number(owner.bootedMs), started: String(owner.started) }
  } catch {
    return undefined
  }
}

function isAlive(owner: Owner): boolean {
  if (owner.pid === process.pid) return false
  if (Math.abs(owner.bootedMs - bootedMs()) > BOOT_TOLERANCE_MS) return false
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // Not allowed to signal it: it lives.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return owner.started === startOf(owner.pid)
}

function bootedMs(): number {
  return Math.round(Date.now() - os.uptime() * 1000)
}

function startOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

function busy(path: string, by: string): Error {
  return Object.assign(new Error(`the directory '${path}' is in use by ${by}`), { code: 'EBUSY' })
}
