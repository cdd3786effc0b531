// One LZ4 block, decoded in JavaScript: for small blocks, where the call into native code costs more than the work.
//
//   (token | [literal length bytes] | literals | uint16le match offset | [match length bytes])*
//   token: high 4 bits literal length, low 4 bits match length - 4; 15 means that bytes follow until one is below 255.
//   The last sequence ends after its literals.

/** Decodes bytes[start, end) into target[0, room); the plain size, or -1 for a damaged or too large block. */
export function lz4BlockDecode(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  room: number,
): number {
  let i = start
  let o = 0
  while (i < end) {
    const token = bytes[i++]!
    let literals = token >>> 4
    if (literals === 15) {
      let byte: number
      do {
        if (i >= end) return -1
        byte = bytes[i++]!
        literals += byte
      } while (byte === 255)
    }
    if (literals > end - i || literals > room - o) return -1
    if (literals > 24) {
      target.set(bytes.subarray(i, i + literals), o)
      i += literals
      o += literals
    } else for (const stop = i + literals; i < stop; ) target[o++] = bytes[i++]!
    if (i === end) return o
    if (end - i < 2) return -1
    const distance = bytes[i]! | (bytes[i + 1]! << 8)
    i += 2
    if (distance === 0 || distance > o) return -1
    let match = (token & 15) + 4
    if (match === 19) {
      let byte: number
      do {
        if (i >= end) return -1
        byte = bytes[i++]!
        match += byte
      } while (byte === 255)
    }
    if (match > room - o) return -1
    if (match > 48 && distance >= match) {
      target.copyWithin(o, o - distance, o - distance + match)
      o += match
    } else for (const stop = o + match; o < stop; o++) target[o] = target[o - distance]!
  }
  // A block ends after literals, never after a match.
  return -1
}
