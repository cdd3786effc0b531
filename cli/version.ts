// The version of this package, from its package.json: beside dist/ when built, beside cli/ when not.
import { readFileSync } from 'node:fs'

function readVersion(): string {
  for (const path of ['../package.json', '../../package.json'])
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version
    } catch {}
  return 'unknown'
}

export const VERSION = readVersion()
