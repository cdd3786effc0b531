// Optional native packages, loaded on first use and synchronously, so that a start costs nothing for codecs that
// nobody has asked for yet. A package that is missing for this platform gives undefined: callers fall back to
// JavaScript or answer with a clean error.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export function loadOptional<T>(name: string): T | undefined {
  try {
    return require(name) as T
  } catch {
    return undefined
  }
}

/** node:zlib takes a maximum between 1 byte and 4 GiB. */
export function zlibLimit(limit: number): number {
  return Math.min(Math.max(1, limit), 0xffff_ffff)
}
