/** Every suite of the runner, in the order of its table. */
import { confluentJavascript } from './confluent-javascript/suite.ts'
import { confluentKafkaPython } from './confluent-kafka-python/suite.ts'
import { connectPrograms } from './connect-programs/suite.ts'
import { differential } from './differential/suite.ts'
import { franzGo } from './franz-go/suite.ts'
import { interchange } from './interchange/suite.ts'
import { kafkaCli } from './kafka-cli/suite.ts'
import { kafkaConnect } from './kafka-connect/suite.ts'
import { kafkaJunit } from './kafka-junit/suite.ts'
import { kafkaPython } from './kafka-python/suite.ts'
import { kafkaStreams } from './kafka-streams/suite.ts'
import { kafkaTests } from './kafka-tests/suite.ts'
import { kcatSuite } from './kcat/suite.ts'
import { kill9 } from './kill9/suite.ts'
import { packageSuite } from './package/suite.ts'
import type { Suite } from './suite.ts'
import { kafkajsSuite, kafkaTsSuite, platformaticSuite } from './vitest-suite.ts'

export const suites: readonly Suite[] = [
  packageSuite,
  kcatSuite,
  kafkaCli,
  kafkaPython,
  confluentKafkaPython,
  franzGo,
  kafkaTests,
  kafkaJunit,
  kafkaStreams,
  kafkaConnect,
  kafkajsSuite,
  platformaticSuite,
  kafkaTsSuite,
  connectPrograms,
  confluentJavascript,
  kill9,
  interchange,
  differential,
]
