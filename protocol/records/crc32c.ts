// CRC-32C (Castagnoli), the checksum of record batches with magic 2 and of snapshots.
//
// Two engines with the same answers: slicing-by-16 in JavaScript, which wins for short inputs because it has no call
// into native code and no sub-array to make, and the hardware instruction behind @node-rs/crc32 above that. The
// native one is loaded on the first long input. Both chain: pass the previous value to continue over another chunk.
import { loadOptional } from './native.ts'

type Native = (bytes: Uint8Array, previous?: number) => number

/** Below this many bytes the JavaScript loop is faster (measured: about 150 on Node 20 and 24). */
const NATIVE_FROM_BYTES = 152

const POLYNOMIAL = 0x82f63b78
const tables = Array.from({ length: 16 }, () => new Int32Array(256))
for (let n = 0; n < 256; n++) {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1
  tables[0]![n] = c
}
for (let n = 0; n < 256; n++) {
  let c = tables[0]![n]!
  for (let slice = 1; slice < 16; slice++) {
    c = tables[0]![c & 255]! ^ (c >>> 8)
    tables[slice]![n] = c
  }
}
const [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
]

/** The JavaScript engine; exported so that tests and benches can hold both against each other. */
export function crc32cSliced(bytes: Uint8Array, previous = 0, start = 0, end = bytes.length): number {
  let c = ~previous
  let i = start
  for (const last = end - 15; i < last; i += 16) {
    c =
      t15[(c ^ bytes[i]!) & 255]! ^
      t14[((c >>> 8) ^ bytes[i + 1]!) & 255]! ^
      t13[((c >>> 16) ^ bytes[i + 2]!) & 255]! ^
      t12[((c >>> 24) ^ bytes[i + 3]!) & 255]! ^
      t11[bytes[i + 4]!]! ^
      t10[bytes[i + 5]!]! ^
      t9[bytes[i + 6]!]! ^
      t8[bytes[i + 7]!]! ^
      t7[bytes[i + 8]!]! ^
      t6[bytes[i + 9]!]! ^
      t5[bytes[i + 10]!]! ^
      t4[bytes[i + 11]!]! ^
      t3[bytes[i + 12]!]! ^
      t2[bytes[i + 13]!]! ^
      t1[bytes[i + 14]!]! ^
      t0[bytes[i + 15]!]!
  }
  for (; i < end; i++) c = t0[(c ^ bytes[i]!) & 255]! ^ (c >>> 8)
  return ~c >>> 0
}

let native: Native | undefined
let nativeAsked = false

function loadNative(): Native | undefined {
  nativeAsked = true
  native = loadOptional<{ crc32c: Native }>('@node-rs/crc32')?.crc32c
  return native
}

/** CRC-32C of bytes[start, end), continuing from `previous` (0 to begin). */
export function crc32c(bytes: Uint8Array, previous = 0, start = 0, end = bytes.length): number {
  if (end - start >= NATIVE_FROM_BYTES) {
    const engine = nativeAsked ? native : loadNative()
    if (engine !== undefined) return engine(bytes.subarray(start, end), previous)
  }
  return crc32cSliced(bytes, previous, start, end)
}
