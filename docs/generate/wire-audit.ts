// docs/wire-audit.md: every API version that a pinned Apache Kafka advertises to clients, and whether we serve it. What they advertise is
// read out of the golden frames of their own ApiVersions answers; what we do not serve has to wait for something named here.
import { readFileSync } from 'node:fs'
import { handlers } from '../../broker/handlers/registry.ts'
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
  const frames = JSON.parse(readFileSync(golden, 'utf8')) as GoldenFrame[]
  const answers = frames.filter(
    ({ kind, version, from }) => kind === 'response' && version === 0 && from.startsWith('kafka '),
  )
  const sorted = answers.sort((a, b) => (a.from < b.from ? -1 : 1))
  const frame = release === 'elder' ? sorted[0] : sorted.at(-1)
  if (frame === undefined) throw new Error('no golden answer of ApiVersions v0')
  const { response } = readResponse(ApiVersions, 0, Buffer.from(frame.hex, 'hex'))
  return {
    name: frame.from.replace('kafka', 'Kafka'),
    ranges: new Map(
      response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]),
    ),
  }
}

export interface AuditRow {
  readonly key: number
  readonly version: number
  readonly isServed: boolean
  /** What it waits for, or why it never comes; undefined: unaccounted for. */
  readonly why: string | undefined
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
  return [...WAITS.keys(), ...LEFT_OUT.values()].filter(reason => !used.has(reason))
}

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
    const name = apis.find(api => api.key === key)?.name ?? '?'
    return [`${key}`, name, shown(elder.ranges.get(key)), shown(reference.ranges.get(key)), shown(range), why]
  })
  const count = rows.filter(({ isServed }) => isServed).length
  return `# Wire audit

${note}

Every API version that ${elder.name} or ${reference.name} advertises to clients, read from their own ApiVersions answers, and what this
broker serves of them: ${count} of ${rows.length}. What is not served waits for the feature in the last column, or says why it never comes.

The reference advertises Produce from v0 on for the sake of old librdkafka, and refuses it below v3; we serve what the elder serves.

${table(['key', 'request', elder.name, reference.name, 'served', 'waits for'], lines)}
`
}
