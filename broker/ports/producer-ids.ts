// Fresh producer ids for idempotent producers (and, one day, transactional ones).
export interface ProducerIds {
  /** Never the same twice, also over restarts. */
  next(): Promise<bigint>
}
