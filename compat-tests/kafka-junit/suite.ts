/**
 * Apache Kafka's own JUnit classes: its command-line tools' tests and its clients' integration tests. Their framework starts an embedded
 * cluster per test; against Odradek two classes of ours (`org/`, beside this file) start a broker process instead.
 */
import { junitClasses } from '../jvm/junit-classes.ts'
import type { Suite } from '../suite.ts'
import { pins } from '../toolchain.ts'

export const kafkaJunit: Suite = junitClasses({
  name: 'kafka-junit',
  title: `Apache Kafka ${pins.reference}'s own JUnit classes`,
  seam: ['kafka-junit/org'],
  unit: 'method',
  isInCi: true,
})
