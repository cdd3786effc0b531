/** What every broker of `kafka_tests` is given besides what a test asks for: floors low enough for the tests' short timeouts. */
import type { Settings } from '../brokers.ts'

export const kafkaTestsSettings: Settings = {
  'group.consumer.min.heartbeat.interval.ms': '100',
  'group.consumer.min.session.timeout.ms': '1000',
  'group.min.session.timeout.ms': '100',
}
