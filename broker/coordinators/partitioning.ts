// Which partition of a coordinator's topic a key belongs to. All brokers, Java ones included, must agree.

/** Java's String.hashCode: over UTF-16 units, wrapping at 32 bits. */
export function javaHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

/** Kafka's Utils.abs: the one number without a positive twin becomes 0. */
export function partitionForKey(key: string, partitionCount: number): number {
  const hash = javaHash(key)
  return (hash === -0x8000_0000 ? 0 : Math.abs(hash)) % partitionCount
}
