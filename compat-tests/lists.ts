/** The lists beside a suite, one name a line: `name  # why`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './toolchain.ts'

export type ListFile = 'must-pass.txt' | 'waiting.txt'

/** Name to reason; empty where there is no such list. */
export function listed(folder: string, file: ListFile): Map<string, string> {
  const path = join(root, 'compat-tests', folder, file)
  if (!existsSync(path)) return new Map()
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .map(line => line.split('  #'))
  return new Map(
    rows.filter(([name]) => name?.trim()).map(([name, why]) => [name!.trim(), why?.trim() ?? '']),
  )
}
