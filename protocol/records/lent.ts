// Memory for plain bytes that are only looked at, the same for one batch after the other (docs/adr/0011): fresh memory for each lies outside
// of V8's heap, and at 64 MB of that V8 collects everything there is.

/** Whatever is larger gets memory of its own. */
export const LENT_BYTES = 1024 * 1024

let memory: Buffer | undefined

/** `LENT_BYTES` bytes that are somebody else's with the next decompression. */
export function lentMemory(): Buffer {
  memory ??= Buffer.allocUnsafeSlow(LENT_BYTES)
  return memory
}

/** The parts one behind the other, `total` bytes in all; with `isLent` in the lent memory, where they fit. */
export function joined(parts: readonly Uint8Array[], total: number, isLent: boolean): Buffer {
  if (!isLent || total > LENT_BYTES) return Buffer.concat(parts, total)
  let at = 0
  for (const part of parts) {
    lentMemory().set(part, at)
    at += part.length
  }
  return lentMemory().subarray(0, total)
}
