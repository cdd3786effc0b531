/**
 * Kafka Streams' own integration tests: topologies, state stores and their changelogs, repartition topics, rebalances, interactive queries.
 * Their embedded cluster stands on a class whose place one of ours takes (`jvm/test-kit`).
 */
import { junitClasses } from '../jvm/junit-classes.ts'
import type { Suite } from '../suite.ts'
import { pins } from '../toolchain.ts'

export const kafkaStreams: Suite = junitClasses({
  name: 'kafka-streams',
  title: `Kafka Streams ${pins.reference}'s own integration tests`,
  seam: ['jvm/test-kit'],
  unit: 'invocation',
  shuffled: ['IQv2StoreIntegrationTest.verifyStore'],
  isInCi: true,
  lanes: 2,
  limits: { testSeconds: 300, classSeconds: 1500, runSeconds: 150 * 60 },
})
