// A file system in memory, for startBroker() and for tests that pull the plug.
// With `recordsCrashes`, it remembers what is durable: bytes after sync(), names after syncDir(). crash(random) then
// returns what a power cut may leave behind:
//   files        the synced bytes, plus some of the later writes, each whole, torn or lost; sizes change likewise
//   directories  the synced names, plus a prefix of the later creations, renames and removals of each directory
// The crashed file system itself is dead: every further call throws. Without the option nothing is kept twice.

import {
  type DirectoryLock,
  directoryOf,
  type File,
  type FileStat,
  type FileSystem,
  nameOf,
  type OpenMode,
} from './port.ts'
import { SparseBytes } from './sparse-bytes.ts'

type PendingChange =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }

type NameChange =
  | { readonly kind: 'link'; readonly name: string; readonly node: Node }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlink'; readonly name: string }

class FileNode {
  readonly bytes: SparseBytes
  mtimeMs: number
  /** What the disk holds; null when crashes are not recorded. */
  readonly durable: SparseBytes | null
  pending: PendingChange[] = []
  #durableChanges = 0

  constructor(recordsCrashes: boolean, mtimeMs: number) {
    this.bytes = new SparseBytes()
    this.durable = recordsCrashes ? new SparseBytes() : null
    this.mtimeMs = mtimeMs
  }

  /** A mark for makeDurable: everything changed until now. */
  get changes(): number {
    return this.#durableChanges + this.pending.length
  }

  makeDurable(until: number): void {
    if (this.durable === null || until <= this.#durableChanges) return
    for (const change of this.pending.splice(0, until - this.#durableChanges))
      applyChange(this.durable, change)
    this.#durableChanges = until
  }
}

class DirectoryNode {
  readonly names = new Map<string, Node>()
  readonly durableNames = new Map<string, Node>()
  pending: NameChange[] = []
  readonly mtimeMs: number

  constructor(mtimeMs: number) {
    this.mtimeMs = mtimeMs
  }

  change(change: NameChange, recordsCrashes: boolean): void {
    applyNameChange(this.names, change)
    if (recordsCrashes) this.pending.push(change)
  }
}

type Node = FileNode | DirectoryNode

export interface MemoryFileSystemOptions {
  readonly recordsCrashes?: boolean
  readonly nowMs?: () => number
}

export class MemoryFileSystem implements FileSystem {
  readonly #recordsCrashes: boolean
  readonly #nowMs: () => number
  #root: DirectoryNode
  #dead = false
  readonly #locked = new Set<string>()
  /** fsyncs and directory fsyncs so far: group-commit tests count them. */
  syncCount = 0

  constructor(options: MemoryFileSystemOptions = {}) {
    this.#recordsCrashes = options.recordsCrashes ?? false
    this.#nowMs = options.nowMs ?? (() => 0)
    this.#root = new DirectoryNode(this.#nowMs())
  }

  open(path: string, mode: OpenMode): File {
    this.#alive()
    const parent = this.#directory(directoryOf(path))
    let node = parent.names.get(nameOf(path))
    if (node instanceof DirectoryNode) throw failure('EISDIR', 'open', path)
    if (node !== undefined && mode === 'new') throw failure('EEXIST', 'open', path)
    if (node === undefined) {
      if (mode === 'read' || mode === 'write') throw failure('ENOENT', 'open', path)
      node = new FileNode(this.#recordsCrashes, this.#nowMs())
      parent.change({ kind: 'link', name: nameOf(path), node }, this.#recordsCrashes)
    }
    return new MemoryFile(path, node, mode === 'read', this)
  }

  exists(path: string): boolean {
    this.#alive()
    return this.#find(path) !== undefined
  }

  stat(path: string): FileStat | undefined {
    this.#alive()
    const node = this.#find(path)
    if (node === undefined) return undefined
    const isDirectory = node instanceof DirectoryNode
    return { size: isDirectory ? 0 : node.bytes.size, isDirectory, mtimeMs: node.mtimeMs }
  }

  readdir(path: string): string[] {
    this.#alive()
    return [...this.#directory(path).names.keys()]
  }

  mkdirp(path: string): void {
    this.#alive()
    let node = this.#root
    for (const name of parts(path)) {
      let next = node.names.get(name)
      if (next instanceof FileNode) throw failure('ENOTDIR', 'mkdir', path)
      if (next === undefined) {
        next = new DirectoryNode(this.#nowMs())
        node.change({ kind: 'link', name, node: next }, this.#recordsCrashes)
      }
      node = next
    }
  }

  rename(from: string, to: string): void {
    this.#alive()
    if (directoryOf(from) !== directoryOf(to)) throw failure('EXDEV', 'rename', from)
    const parent = this.#directory(directoryOf(from))
    if (!parent.names.has(nameOf(from))) throw failure('ENOENT', 'rename', from)
    const replaced = parent.names.get(nameOf(to))
    if (replaced instanceof DirectoryNode && replaced.names.size > 0) throw failure('ENOTEMPTY', 'rename', to)
    parent.change({ kind: 'rename', from: nameOf(from), to: nameOf(to) }, this.#recordsCrashes)
  }

  unlink(path: string): void {
    this.#alive()
    const parent = this.#find(directoryOf(path))
    if (!(parent instanceof DirectoryNode)) return
    const node = parent.names.get(nameOf(path))
    if (node === undefined) return
    if (node instanceof DirectoryNode) throw failure('EISDIR', 'unlink', path)
    parent.change({ kind: 'unlink', name: nameOf(path) }, this.#recordsCrashes)
  }

  rmrf(path: string): void {
    this.#alive()
    const parent = this.#find(directoryOf(path))
    if (!(parent instanceof DirectoryNode) || !parent.names.has(nameOf(path))) return
    const node = parent.names.get(nameOf(path))
    if (node instanceof DirectoryNode) for (const name of [...node.names.keys()]) this.rmrf(`${path}/${name}`)
    parent.change({ kind: 'unlink', name: nameOf(path) }, this.#recordsCrashes)
  }

  readFile(path: string): Buffer {
    const file = this.open(path, 'read')
    const bytes = Buffer.alloc(file.size())
    file.read(bytes, 0, bytes.length, 0)
    return bytes
  }

  writeFileAtomic(path: string, bytes: Uint8Array): void {
    this.#replace(path, bytes, true)
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    this.#replace(path, bytes, false)
  }

  setModifiedTime(path: string, mtimeMs: number): void {
    this.#alive()
    const node = this.#find(path)
    if (node === undefined) throw failure('ENOENT', 'utimes', path)
    if (node instanceof FileNode) node.mtimeMs = mtimeMs
  }

  syncDir(path: string): void {
    this.#alive()
    this.syncCount++
    const node = this.#directory(path)
    for (const change of node.pending.splice(0)) applyNameChange(node.durableNames, change)
  }

  async syncDirLater(path: string): Promise<void> {
    this.#alive()
    const node = this.#directory(path)
    const pending = node.pending.length
    await Promise.resolve()
    this.#alive()
    this.syncCount++
    // A syncDir() meanwhile has emptied the list; what came later still waits.
    for (const change of node.pending.splice(0, pending)) applyNameChange(node.durableNames, change)
  }

  space(): undefined {
    return undefined
  }

  async lockDirectory(path: string): Promise<DirectoryLock> {
    this.#alive()
    if (this.#locked.has(path)) throw failure('EBUSY', 'lock', path)
    this.#locked.add(path)
    return { directory: path, release: () => void this.#locked.delete(path) }
  }

  /** What the next start finds after a power cut. `random` returns numbers in [0, 1); `() => 0` keeps only what was synced. */
  crash(random: () => number = () => 0): MemoryFileSystem {
    this.#alive()
    if (!this.#recordsCrashes) throw new Error('this file system was not asked to record crashes')
    this.#dead = true
    const survivor = new MemoryFileSystem({ recordsCrashes: true, nowMs: this.#nowMs })
    survivor.#root = survivingDirectory(this.#root, random)
    return survivor
  }

  /** The process dies, the machine lives: everything written is still there, locks and handles are not. */
  kill(): MemoryFileSystem {
    this.#alive()
    this.#dead = true
    const survivor = new MemoryFileSystem({ recordsCrashes: this.#recordsCrashes, nowMs: this.#nowMs })
    survivor.#root = this.#root
    return survivor
  }

  /** @internal for MemoryFile */
  touch(node: FileNode): void {
    this.#alive()
    node.mtimeMs = this.#nowMs()
  }

  /** @internal for MemoryFile */
  check(): void {
    this.#alive()
  }

  #replace(path: string, bytes: Uint8Array, durably: boolean): void {
    this.unlink(`${path}.tmp`)
    const file = this.open(`${path}.tmp`, 'new')
    file.write(bytes, 0)
    if (durably) file.syncNow()
    this.rename(`${path}.tmp`, path)
    if (durably) this.syncDir(directoryOf(path))
  }

  #alive(): void {
    if (this.#dead) throw failure('EIO', 'use after crash', '')
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const name of parts(path)) {
      if (!(node instanceof DirectoryNode)) return undefined
      node = node.names.get(name)
      if (node === undefined) return undefined
    }
    return node
  }

  #directory(path: string): DirectoryNode {
    const node = this.#find(path)
    if (node === undefined) throw failure('ENOENT', 'scandir', path)
    if (node instanceof FileNode) throw failure('ENOTDIR', 'scandir', path)
    return node
  }
}

class MemoryFile implements File {
  readonly path: string
  readonly #node: FileNode
  readonly #readOnly: boolean
  readonly #fs: MemoryFileSystem
  #closed = false

  constructor(path: string, node: FileNode, readOnly: boolean, fs: MemoryFileSystem) {
    this.path = path
    this.#node = node
    this.#readOnly = readOnly
    this.#fs = fs
  }

  read(target: Uint8Array, targetStart: number, length: number, position: number): number {
    this.#usable(false)
    return this.#node.bytes.read(target, targetStart, length, position)
  }

  write(bytes: Uint8Array | readonly Uint8Array[], position: number): void {
    this.#usable(true)
    let at = position
    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
      this.#node.bytes.write(part, at)
      if (this.#node.durable !== null) {
        this.#node.pending.push({ kind: 'write', position: at, bytes: Buffer.from(part) })
      }
      at += part.length
    }
  }

  truncate(size: number): void {
    this.#usable(true)
    this.#node.bytes.truncate(size)
    if (this.#node.durable !== null) this.#node.pending.push({ kind: 'truncate', size })
  }

  size(): number {
    this.#usable(false)
    return this.#node.bytes.size
  }

  async sync(): Promise<void> {
    this.#usable(false)
    const changes = this.#node.changes
    await Promise.resolve()
    this.#fs.check()
    this.#fs.syncCount++
    this.#node.makeDurable(changes)
  }

  syncNow(): void {
    this.#usable(false)
    this.#fs.syncCount++
    this.#node.makeDurable(this.#node.changes)
  }

  close(): void {
    this.#closed = true
  }

  #usable(writing: boolean): void {
    if (this.#closed || (writing && this.#readOnly)) throw failure('EBADF', 'use', this.path)
    if (writing) this.#fs.touch(this.#node)
    else this.#fs.check()
  }
}

function applyChange(bytes: SparseBytes, change: PendingChange): void {
  if (change.kind === 'write') bytes.write(change.bytes, change.position)
  else bytes.truncate(change.size)
}

function applyNameChange(names: Map<string, Node>, change: NameChange): void {
  if (change.kind === 'link') names.set(change.name, change.node)
  else if (change.kind === 'unlink') names.delete(change.name)
  else {
    const node = names.get(change.from)
    names.delete(change.from)
    if (node !== undefined) names.set(change.to, node)
  }
}

function survivingDirectory(node: DirectoryNode, random: () => number): DirectoryNode {
  const names = new Map(node.durableNames)
  const kept = Math.floor(random() * (node.pending.length + 1))
  for (const change of node.pending.slice(0, kept)) applyNameChange(names, change)
  const survivor = new DirectoryNode(node.mtimeMs)
  for (const [name, child] of names) {
    const copy =
      child instanceof DirectoryNode ? survivingDirectory(child, random) : survivingFile(child, random)
    survivor.names.set(name, copy)
    survivor.durableNames.set(name, copy)
  }
  return survivor
}

/** Pages are written back in any order: each later write survives whole, in part, or not at all, until one stops it. */
function survivingFile(node: FileNode, random: () => number): FileNode {
  const survivor = new FileNode(true, node.mtimeMs)
  const bytes = node.durable!.clone()
  if (random() >= 0.5) {
    const inOrder = random() < 0.5
    for (const change of node.pending) {
      const fate = random()
      if (fate < 0.2) {
        if (change.kind === 'write') {
          bytes.write(change.bytes.subarray(0, Math.floor(random() * change.bytes.length)), change.position)
        }
        if (inOrder) break
      } else if (fate < 0.4) {
        if (inOrder) break
      } else applyChange(bytes, change)
    }
  }
  survivor.bytes.assign(bytes)
  survivor.durable!.assign(bytes.clone())
  return survivor
}

function parts(path: string): string[] {
  return path.split('/').filter(part => part !== '' && part !== '.')
}

function failure(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${operation} '${path}'`), { code, path })
}
