/** Counters per topic and over all topics (Kafka's BrokerTopicMetrics): found once per topic, then held by its partitions. */
import type { RefusalKind } from '../../protocol/records/errors.ts'
import type { Counter, MetricsRegistry } from '../metrics/cells.ts'
import type { NameOf } from '../metrics/declarations.ts'

const names = {
  messagesIn: 'kafka_server_brokertopicmetrics_messagesin_total',
  bytesIn: 'kafka_server_brokertopicmetrics_bytesin_total',
  bytesOut: 'kafka_server_brokertopicmetrics_bytesout_total',
  bytesRejected: 'kafka_server_brokertopicmetrics_bytesrejected_total',
  produceRequests: 'kafka_server_brokertopicmetrics_totalproducerequests_total',
  fetchRequests: 'kafka_server_brokertopicmetrics_totalfetchrequests_total',
  failedProduceRequests: 'kafka_server_brokertopicmetrics_failedproducerequests_total',
  failedFetchRequests: 'kafka_server_brokertopicmetrics_failedfetchrequests_total',
} as const

/** Kafka counts these over all topics only. */
const refusals: { readonly [kind in RefusalKind]: NameOf<'counter'> } = {
  'no-key': 'kafka_server_brokertopicmetrics_nokeycompactedtopicrecords_total',
  'invalid-magic': 'kafka_server_brokertopicmetrics_invalidmagicnumberrecords_total',
  'invalid-crc': 'kafka_server_brokertopicmetrics_invalidmessagecrcrecords_total',
  'invalid-offset-or-sequence': 'kafka_server_brokertopicmetrics_invalidoffsetorsequencerecords_total',
}

export type TopicCells = { readonly [name in keyof typeof names]: Counter }

export class TopicMetrics {
  readonly #registry: MetricsRegistry
  readonly #byTopic = new Map<string, TopicCells>()
  /** The series without a topic. */
  readonly all: TopicCells

  constructor(registry: MetricsRegistry) {
    this.#registry = registry
    this.all = this.#cells({})
  }

  refused(kind: RefusalKind): void {
    this.#registry.counter(refusals[kind]).inc()
  }

  of(topic: string): TopicCells {
    let cells = this.#byTopic.get(topic)
    if (cells === undefined) {
      cells = this.#cells({ topic })
      this.#byTopic.set(topic, cells)
    }
    return cells
  }

  remove(topic: string): void {
    this.#byTopic.delete(topic)
    this.#registry.remove({ topic })
  }

  #cells(labels: Record<string, string>): TopicCells {
    const cells = {} as { -readonly [name in keyof TopicCells]: Counter }
    for (const name of Object.keys(names) as (keyof typeof names)[]) {
      cells[name] = this.#registry.counter(names[name], labels)
    }
    return cells
  }
}
