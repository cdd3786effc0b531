// Hands out producer ids from a block, and asks the controller for the next block when nine tenths of one are gone: only the first
// id of a broker's life waits for the metadata log. Ids of a block that was begun are lost on restart, as in Kafka.
// Kafka's RPCProducerIdManager.
import type { Controller } from '../ports/controller.ts'
import type { ProducerIds } from '../ports/producer-ids.ts'

interface Block {
  next: bigint
  readonly end: bigint
  readonly prefetchAt: bigint
}

export class ProducerIdManager implements ProducerIds {
  readonly #controller: Pick<Controller, 'allocateProducerIds'>
  #block: Block | undefined
  #nextBlock: Promise<Block> | undefined

  constructor(controller: Pick<Controller, 'allocateProducerIds'>) {
    this.#controller = controller
  }

  async next(): Promise<bigint> {
    for (;;) {
      const block = this.#block
      if (block !== undefined && block.next < block.end) {
        const id = block.next++
        // A prefetch that fails is tried again by whoever finds the block empty.
        if (block.next >= block.prefetchAt) void this.#fetch().catch(() => {})
        return id
      }
      const fetched = await this.#fetch()
      if (this.#block === block) {
        this.#block = fetched
        this.#nextBlock = undefined
      }
    }
  }

  #fetch(): Promise<Block> {
    this.#nextBlock ??= this.#allocate().catch((error: unknown) => {
      this.#nextBlock = undefined
      throw error
    })
    return this.#nextBlock
  }

  async #allocate(): Promise<Block> {
    const { firstProducerId, count } = await this.#controller.allocateProducerIds()
    const end = firstProducerId + BigInt(count)
    return { next: firstProducerId, end, prefetchAt: end - BigInt(count) / 10n }
  }
}
