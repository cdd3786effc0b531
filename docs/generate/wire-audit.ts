// docs/wire-audit.md: every API version that a pinned Apache Kafka advertises to clients, and whether we serve it; then what the reference
// advertises on its controller's listener. What they advertise is read out of the golden frames of their own ApiVersions answers; what
// we do not serve has to wait for something named here.
import { readFileSync } from 'node:fs'
import { handlers, handlersOn } from '../../broker/handlers/registry.ts'
import { ApiVersions } from '../../protocol/apis/18-api-versions.ts'
import { apis } from '../../protocol/apis/index.ts'
import { readResponse } from '../../protocol/frame.ts'

interface GoldenFrame {
  readonly version: number
  readonly kind: string
  readonly from: string
  readonly hex: string
}

type Range = readonly [lowest: number, highest: number]

/** What an API waits for, by key. */
const WAITS: ReadonlyMap<string, readonly number[]> = new Map([
  ['security', [17, 36, 50, 51]],
  ['security: delegation tokens', [38, 39, 40, 41]],
  ['transactions', [24, 25, 26, 27, 28, 65, 66]],
  ['quotas', [48, 49]],
  ['consumer groups (KIP-848)', [68, 69]],
  ['share groups (KIP-932)', [76, 77, 78, 79, 83, 84, 85, 86, 87, 90, 91, 92]],
  ['streams groups (KIP-1071)', [88, 89]],
  ['a quorum of several controllers', [80, 81]],
])

/** What an API waits for on the controller's listener, by key. */
const CONTROLLER_WAITS: ReadonlyMap<string, readonly number[]> = new Map([
  ['security', [17, 36, 50, 51]],
  ['security: delegation tokens', [38, 39, 40, 41]],
  ['quotas', [49]],
  ['a quorum of several controllers', [1, 52, 53, 54, 59, 70, 80, 81, 82]],
  ['brokers that are not the controller’s own', [56, 58, 62, 63, 67, 73]],
])

/** Versions that we leave out of an API we serve. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['8/0', 'wrote to ZooKeeper: 3.9 advertises it and refuses it'],
  ['9/0', 'read from ZooKeeper: 3.9 advertises it and refuses it'],
])

const golden = new URL('../../protocol/fixtures/golden/18-ApiVersions.json', import.meta.url)

/** Ranges by API key, as this release's broker says them, and the name of the release. */
export function advertisedBy(release: 'elder' | 'reference'): {
  name: string
  ranges: ReadonlyMap<number, Range>
} {
  const answers = answersOf('kafka ')
  const frame = release === 'elder' ? answers[0]! : answers.at(-1)!
  return { name: frame.from.replace('kafka', 'Kafka'), ranges: rangesIn(frame) }
}

/** The same on its controller's listener. */
const advertisedByController = (): ReadonlyMap<number, Range> =>
  rangesIn(answersOf('controller of kafka ').at(-1)!)

/** From the older release to the newer. */
function answersOf(whose: string): GoldenFrame[] {
  const frames = JSON.parse(readFileSync(golden, 'utf8')) as GoldenFrame[]
  const found = frames.filter(
    ({ kind, version, from }) => kind === 'response' && version === 0 && from.startsWith(whose),
  )
  if (found.length === 0) throw new Error(`no golden answer of ApiVersions v0 from ${whose}`)
  return found.sort((a, b) => (a.from < b.from ? -1 : 1))
}

function rangesIn({ hex }: GoldenFrame): ReadonlyMap<number, Range> {
  const { response } = readResponse(ApiVersions, 0, Buffer.from(hex, 'hex'))
  return new Map(
    response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]),
  )
}

export interface AuditRow {
  readonly key: number
  readonly version: number
  readonly isServed: boolean
  /** What it waits for, or why it never comes; undefined: unaccounted for. */
  readonly why: string | undefined
}

export interface ControllerRow {
  readonly key: number
  readonly reference: Range
  readonly served: Range | undefined
  /** What it waits for; undefined: unaccounted for, unless it is served. */
  readonly why: string | undefined
}

/** A row for every API of the reference's controller listener. Old versions there never were any: the listener came with KRaft. */
export function controllerAudit(): ControllerRow[] {
  const ours = new Map<number, Range>(handlersOn('controller').map(({ api, serves }) => [api.key, serves]))
  return [...advertisedByController()].map(([key, reference]) => ({
    key,
    reference,
    served: ours.get(key),
    why: ours.has(key) ? undefined : [...CONTROLLER_WAITS].find(([, list]) => list.includes(key))?.[0],
  }))
}

const served = new Map<number, Range>(handlers.map(({ api, serves }) => [api.key, serves]))

/** A row for every version that either release advertises. */
export function audit(): AuditRow[] {
  const ranges = [advertisedBy('elder').ranges, advertisedBy('reference').ranges]
  const keys = [...new Set(ranges.flatMap(map => [...map.keys()]))].sort((a, b) => a - b)
  return keys.flatMap(key => {
    const versions = new Set(ranges.flatMap(map => between(map.get(key))))
    return [...versions]
      .sort((a, b) => a - b)
      .map(version => {
        const range = served.get(key)
        const isServed = range !== undefined && version >= range[0] && version <= range[1]
        const waits = range === undefined ? [...WAITS].find(([, list]) => list.includes(key))?.[0] : undefined
        return {
          key,
          version,
          isServed,
          why: isServed ? undefined : (waits ?? LEFT_OUT.get(`${key}/${version}`)),
        }
      })
  })
}

const between = (range: Range | undefined): number[] =>
  range === undefined ? [] : Array.from({ length: range[1] - range[0] + 1 }, (_, i) => range[0] + i)

/** Reasons that nothing needs any more. */
export function staleReasons(): string[] {
  const used = new Set(audit().map(({ why }) => why))
  const usedThere = new Set(controllerAudit().map(({ why }) => why))
  return [
    ...[...WAITS.keys(), ...LEFT_OUT.values()].filter(reason => !used.has(reason)),
    ...[...CONTROLLER_WAITS.keys()].filter(reason => !usedThere.has(reason)),
  ]
}

const nameOf = (key: number): string => apis.find(api => api.key === key)?.name ?? '?'

const shown = (range: Range | undefined): string =>
  range === undefined ? '–' : range[0] === range[1] ? `${range[0]}` : `${range[0]}–${range[1]}`

export function wireAuditPage(note: string, table: (head: string[], rows: string[][]) => string): string {
  const [elder, reference] = [advertisedBy('elder'), advertisedBy('reference')]
  const rows = audit()
  const keys = [...new Set(rows.map(({ key }) => key))]
  const lines = keys.map(key => {
    const missing = rows.filter(row => row.key === key && !row.isServed)
    const range = served.get(key)
    const whole = range === undefined ? '' : `v${missing.map(({ version }) => version).join(', ')} `
    const why = missing.length === 0 ? '' : `${whole}${missing[0]!.why ?? 'UNACCOUNTED FOR'}`
    return [
      `${key}`,
      nameOf(key),
      shown(elder.ranges.get(key)),
      shown(reference.ranges.get(key)),
      shown(range),
      why,
    ]
  })
  const there = controllerAudit()
  const controllerLines = there.map(({ key, reference: range, served: ours, why }) => [
    ...[`${key}`, nameOf(key), shown(range), shown(ours)],
    ours === undefined ? (why ?? 'UNACCOUNTED FOR') : '',
  ])
  const countThere = there.filter(({ served: ours }) => ours !== undefined).length
  const count = rows.filter(({ isServed }) => isServed).length
  return `# Wire audit

${note}

Every API version that ${elder.name} or ${reference.name} advertises to clients, read from their own ApiVersions answers, and what this
broker serves of them: ${count} of ${rows.length}. What is not served waits for the feature in the last column, or says why it never comes.

The reference advertises Produce from v0 on for the sake of old librdkafka, and refuses it below v3; we serve what the elder serves.

${table(['key', 'request', elder.name, reference.name, 'served', 'waits for'], lines)}

## On the controller's listener

What ${reference.name} advertises there, in combined mode: ${there.length} requests, of which ${countThere} are served. Those are what tools ask
with \`--bootstrap-controller\`, and admins with \`bootstrap.controllers\`. The rest is between voters, or between brokers and a
controller that lives elsewhere; anything that is not served closes the connection.

${table(['key', 'request', reference.name, 'served', 'waits for'], controllerLines)}
`
}
