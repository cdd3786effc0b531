/**
 * Kafka Connect's and MirrorMaker 2's own integration tests: workers, connectors and their internal topics, offsets, two mirrored clusters.
 * Their embedded cluster stands on a class whose place one of ours takes (`jvm/test-kit`).
 */
import { junitClasses } from '../jvm/junit-classes.ts'
import type { Suite } from '../suite.ts'
import { pins } from '../toolchain.ts'

export const kafkaConnect: Suite = junitClasses({
  name: 'kafka-connect',
  title: `Kafka Connect ${pins.reference}'s and MirrorMaker 2's own integration tests`,
  seam: ['jvm/test-kit'],
  unit: 'invocation',
  isInCi: true,
  lanes: 2,
  limits: { testSeconds: 180, classSeconds: 1500, runSeconds: 150 * 60 },
})
