// The one thing a classic group's coordinator reads out of its members' metadata: which topics a consumer subscribes to.
//
//   int16 version · int32 number of topics · per topic: int16 length, name · (the rest is the client's own affair)
//
// Version 0 is a prefix of every later one (ConsumerProtocol, KIP-429), so nothing here depends on the version.

export const CONSUMER_PROTOCOL_TYPE = 'consumer'

/** Null when the bytes are not a consumer's subscription. */
export function subscribedTopicsOf(metadata: Buffer): readonly string[] | null {
  try {
    if (metadata.readInt16BE(0) < 0) return null
    const count = metadata.readInt32BE(2)
    if (count < 0 || count > metadata.length) return null
    const topics: string[] = []
    let position = 6
    for (let i = 0; i < count; i++) {
      const length = metadata.readInt16BE(position)
      const end = position + 2 + length
      if (length < 0 || end > metadata.length) return null
      topics.push(metadata.toString('utf8', position + 2, end))
      position = end
    }
    return topics
  } catch {
    // A read past the end: cut short, so not a subscription.
    return null
  }
}
