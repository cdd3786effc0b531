/**
 * What the steps of one scenario share: the dice, the versions both brokers serve, and the names that mean something in it. A scenario has
 * two topics of its own, made first and deleted last; everything else it names is wrong on purpose.
 */
import { ZERO_UUID } from '../../protocol/uuid.ts'
import { UNKNOWN_ID } from './ids.ts'
import type { Random } from './random.ts'
import type { Answer, Side, Step } from './side.ts'

export const BAD_NAMES = ['', '.', '..', 'no/slash', 'no space', 'x'.repeat(250), 'ü']

export interface Scenario {
  readonly random: Random
  readonly number: number
  /** `d7-a`: plain, three partitions. `d7-b`: one partition, odd settings. */
  readonly a: string
  readonly b: string
  readonly group: string
  /** What is in `b` is compressed by the broker, and so has no size that both agree on. */
  recompresses: boolean
  /** A group has at most one member here: a second one would make a JoinGroup wait. */
  member: 'none' | 'dynamic' | 'static'
  hasSession: boolean
  /** A version both serve; undefined when there is none. */
  version(api: string): number | undefined
}

export type Draft = Omit<Step, 'version' | 'api'>
export type MakeStep = (scenario: Scenario, version: number) => Draft

/** Mostly a topic that is there. */
export function someTopic({ random, a, b }: Scenario): string {
  const dice = random.int(20)
  if (dice < 11) return a
  if (dice < 17) return b
  if (dice === 17) return 'd-nowhere'
  if (dice === 18) return '__consumer_offsets'
  return random.pick(BAD_NAMES)
}

/** Without the internal one: what is in there is each broker's own. */
export const someReadable = (scenario: Scenario): string => {
  const topic = someTopic(scenario)
  return topic.startsWith('__') ? scenario.a : topic
}

export const somePartition = ({ random }: Scenario): number =>
  random.pick([0, 0, 0, 0, 0, 0, 1, 2, 3, -1, 0x7fffffff])

/** A topic by name or, from `sinceId` on, by id. */
export function topicRef(
  side: Side,
  topic: string,
  version: number,
  sinceId: number,
  nameField: string,
): Record<string, string> {
  if (version < sinceId) return { [nameField]: topic }
  return { topicId: side.id(`topic ${topic}`, topic === '' ? ZERO_UUID : UNKNOWN_ID) }
}

export function learnTopics(side: Side, answer: Answer): void {
  for (const { name, topicId } of (answer.topics ?? []) as { name: string; topicId: string }[]) {
    if (topicId !== undefined && topicId !== ZERO_UUID) side.remember(`topic ${name}`, topicId)
  }
}

/** What every answer of its kind tells about ids: for steps that are replayed. */
export function learnFrom(api: string, side: Side, answer: Answer): void {
  if (api === 'CreateTopics' || api === 'Metadata') learnTopics(side, answer)
  else if (api === 'JoinGroup') learnMember(side, answer)
  else if (api === 'Fetch' && answer.sessionId !== 0) side.numbers.set('session', answer.sessionId as number)
}

export function learnMember(side: Side, { errorCode, memberId, generationId }: Answer): void {
  if (memberId !== '' && (errorCode === 0 || errorCode === MEMBER_ID_REQUIRED))
    side.remember('member', memberId as string)
  if (errorCode === 0) side.numbers.set('generation', generationId as number)
}

const MEMBER_ID_REQUIRED = 79
