// xxHash with 32 bits and seed 0: the checksum of LZ4 frames (header, blocks, content).

const P1 = 0x9e3779b1
const P2 = 0x85ebca77
const P3 = 0xc2b2ae3d
const P4 = 0x27d4eb2f
const P5 = 0x165667b1

function rotl(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function round(accumulator: number, lane: number): number {
  return Math.imul(rotl((accumulator + Math.imul(lane, P2)) | 0, 13), P1)
}

function lane(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

export function xxhash32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let at = start
  let h: number
  if (end - start >= 16) {
    let v1 = (P1 + P2) | 0
    let v2 = P2 | 0
    let v3 = 0
    let v4 = -P1 | 0
    for (const last = end - 16; at <= last; at += 16) {
      v1 = round(v1, lane(bytes, at))
      v2 = round(v2, lane(bytes, at + 4))
      v3 = round(v3, lane(bytes, at + 8))
      v4 = round(v4, lane(bytes, at + 12))
    }
    h = (rotl(v1, 1) + rotl(v2, 7) + rotl(v3, 12) + rotl(v4, 18)) | 0
  } else h = P5 | 0
  h = (h + (end - start)) | 0
  for (; at + 4 <= end; at += 4) h = Math.imul(rotl((h + Math.imul(lane(bytes, at), P3)) | 0, 17), P4)
  for (; at < end; at++) h = Math.imul(rotl((h + Math.imul(bytes[at]!, P5)) | 0, 11), P1)
  h = Math.imul(h ^ (h >>> 15), P2)
  h = Math.imul(h ^ (h >>> 13), P3)
  return (h ^ (h >>> 16)) >>> 0
}
