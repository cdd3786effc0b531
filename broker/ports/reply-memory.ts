/** Memory for record bytes between the log and the socket, and how much of it a fetch may use. */
export interface ReplyMemory {
  take(size: number): Buffer
  /** Any part of what was taken and will not be replied with. */
  give(bytes: Uint8Array): void
  /** What may be read now. At 0 a fetch reads one batch, so that its fetcher gets on. */
  readonly availableBytes: number
  /** So many bytes are read and about to be replied with. */
  claim(bytes: number): void
}
