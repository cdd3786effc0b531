// Which files hold metadata records: segments and snapshots of __cluster_metadata-0, in the order of their offsets.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

export function metadataFilesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const inside = join(path, '__cluster_metadata-0')
  if (existsSync(inside)) return metadataFilesOf(inside)
  return readdirSync(path)
    .filter(name => /^\d{20}(-\d{10})?\.(log|checkpoint)$/.test(name) || name === 'bootstrap.checkpoint')
    .sort()
    .map(name => join(path, name))
}
