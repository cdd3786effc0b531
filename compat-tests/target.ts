/**
 * The broker that the client tests talk to: one of our own, in memory, started for the file; or the one that the
 * environment variable COMPAT_BOOTSTRAP names, which is how the same tests are shown to hold for Apache Kafka.
 */
import { startBroker } from '../broker/index.ts'

export interface Target extends AsyncDisposable {
  /** host:port. */
  readonly bootstrap: string
  /** A name nobody has used before. */
  unique(prefix: string): string
}

export async function startTarget(): Promise<Target> {
  const run = Math.random().toString(36).slice(2, 8)
  let names = 0
  const unique = (prefix: string) => `${prefix}-${run}-${++names}`
  const external = process.env.COMPAT_BOOTSTRAP
  if (external) return { bootstrap: external, unique, async [Symbol.asyncDispose]() {} }
  const broker = await startBroker({
    settings: { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 5 },
  })
  return {
    bootstrap: broker.bootstrapServers,
    unique,
    [Symbol.asyncDispose]: () => broker.stop(),
  }
}

/** Resolves when `done` holds; rejects after `limitMs` with what it saw last. */
export async function eventually(
  what: string,
  done: () => boolean | Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
