// Kafka's signed varints (zigzag, 7 bits a byte, low bits first), as Numbers. int32 values take at most 5 bytes and
// int64 at most 10. Writers are for building batches; the scan and the record reader have their own inlined readers.

export function sizeOfVarint(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let size = 1
  for (; rest > 0x7f; rest >>>= 7) size++
  return size
}

export function writeVarint(target: Uint8Array, position: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  for (; rest > 0x7f; rest >>>= 7) target[position++] = (rest & 0x7f) | 0x80
  target[position++] = rest
  return position
}

const SMALL = 0x3fffffff

export function sizeOfVarlong(value: number): number {
  if (value >= -SMALL && value <= SMALL) return sizeOfVarint(value)
  let rest = zigzag(value)
  let size = 1
  for (; rest > 0x7fn; rest >>= 7n) size++
  return size
}

/** Any integral Number; exact for all of them, also beyond 2^53. */
export function writeVarlong(target: Uint8Array, position: number, value: number): number {
  if (value >= -SMALL && value <= SMALL) return writeVarint(target, position, value)
  let rest = zigzag(value)
  for (; rest > 0x7fn; rest >>= 7n) target[position++] = Number(rest & 0x7fn) | 0x80
  target[position++] = Number(rest)
  return position
}

function zigzag(value: number): bigint {
  const exact = BigInt(value)
  return BigInt.asUintN(64, (exact << 1n) ^ (exact >> 63n))
}

/** For readers: the signed value of up to 64 raw bits. */
export function unzigzag(raw: bigint): number {
  return Number(BigInt.asIntN(64, (BigInt.asUintN(64, raw) >> 1n) ^ -(raw & 1n)))
}
