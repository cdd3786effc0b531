// One process per log directory. On Linux the lock is an abstract unix socket named after the directory's device and
// inode: it leaves no file behind and frees itself however the process ends. Two limits, documented: Java's file lock
// cannot be taken from Node, and abstract names are per network namespace, so neither a Java broker nor a second
// container on the same volume is kept out. Elsewhere: a `.lock` file naming pid and start time of its owner.

import fs from 'node:fs'
import net from 'node:net'
import type { DirectoryLock } from './port.ts'

export function lockDirectory(path: string): Promise<DirectoryLock> {
  return process.platform === 'linux' ? lockBySocket(path) : lockByFile(path)
}

function lockBySocket(path: string): Promise<DirectoryLock> {
  const { dev, ino } = fs.statSync(path)
  const server = net.createServer(socket => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? busy(path) : error)
    })
    server.listen({ path: `\0odradek-log-dir-${dev}-${ino}`, exclusive: true }, () => {
      server.unref()
      resolve({ directory: path, release: () => void server.close() })
    })
  })
}

const held = new Set<string>()

async function lockByFile(path: string): Promise<DirectoryLock> {
  const directory = fs.realpathSync(path)
  const file = `${directory}/.lock`
  if (held.has(directory) || ownerLives(file)) throw busy(path)
  fs.writeFileSync(file, JSON.stringify({ pid: process.pid, startedMs: startedMs() }))
  held.add(directory)
  const release = () => {
    if (held.delete(directory)) fs.rmSync(file, { force: true })
  }
  return { directory: path, release }
}

function ownerLives(file: string): boolean {
  try {
    const owner = JSON.parse(fs.readFileSync(file, 'utf8')) as { pid?: unknown }
    if (typeof owner.pid !== 'number' || owner.pid === process.pid) return false
    process.kill(owner.pid, 0)
    return true
  } catch (error) {
    // No file, Java's empty one, or no such process: free. Not allowed to signal it: it lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function startedMs(): number {
  return Math.round(performance.timeOrigin)
}

function busy(path: string): Error {
  return Object.assign(new Error(`the directory '${path}' is in use by another broker`), { code: 'EBUSY' })
}
