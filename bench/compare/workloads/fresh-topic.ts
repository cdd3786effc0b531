// One load on a topic of its own, which goes afterwards: what the client says it wrote must be there.
import { touchPageMemory } from '../../page-memory.ts'
import type { Bench, Measured } from '../cell.ts'
import { latencyOf, type Outcome, outcomeOf } from '../franz-client.ts'
import { peakResidentMb } from '../process-stat.ts'
import { measuredIn, type Program, run, windowOf } from '../program.ts'
import { createTopic, deleteTopic, expectRecords } from '../topics.ts'

export interface FreshTopicLoad {
  readonly partitions: number
  readonly configs?: Record<string, string>
  readonly recordBytes: number
  /** Of the client, before anything counts. */
  readonly warmUpSeconds: number
  program(topic: string): Program
  /** What the program says at its end: franz-go's closing line when left out. */
  outcome?(lines: readonly string[]): Outcome
}

/** More than a round writes. */
const TOUCHED_BYTES = 256 * 2 ** 20

export async function loadFreshTopic(bench: Bench, load: FreshTopicLoad): Promise<Measured> {
  const { partitions, configs = {}, recordBytes, warmUpSeconds } = load
  touchPageMemory(bench.broker.dataDir, TOUCHED_BYTES)
  const topic = bench.topic()
  await createTopic(bench.port, topic, partitions, configs)
  const ran = await run(load.program(topic), bench)
  const peakMb = peakResidentMb(bench.broker.pid)
  const outcome = (load.outcome ?? outcomeOf)(ran.lines)
  await expectRecords(bench.port, topic, partitions, outcome.records ?? 0)
  await deleteTopic(bench.port, topic)
  return { ...measuredIn(windowOf(ran, warmUpSeconds), recordBytes), ...latencyOf(outcome), peakMb }
}
