/** What a run has asked, and heard: one row for every API version that both brokers serve, with the error codes that Kafka answered. */
import { errorOf } from '../../protocol/errors.ts'
import type { Reply } from './side.ts'

interface Row {
  readonly api: string
  readonly version: number
  requests: number
  readonly heard: Map<string, number>
}

export class Coverage {
  readonly #rows = new Map<string, Row>()

  /** A version that is to be asked at least once. */
  expect(api: string, version: number): void {
    this.#row(api, version)
  }

  count(api: string, version: number, reply: Reply): void {
    const row = this.#row(api, version)
    row.requests++
    const heard = new Set<string>()
    if (typeof reply === 'string') heard.add(reply)
    else collect(reply, heard)
    for (const what of heard) row.heard.set(what, (row.heard.get(what) ?? 0) + 1)
  }

  /** `Fetch v3` and so on: served by both, and not asked once. */
  get unasked(): string[] {
    return [...this.#rows.values()].filter(row => row.requests === 0).map(row => `${row.api} v${row.version}`)
  }

  get size(): number {
    return this.#rows.size
  }

  /** By API: requests and what was heard of them. */
  table(): string {
    const apis = [...new Set([...this.#rows.values()].map(row => row.api))]
    const lines = apis.map(api => {
      const rows = [...this.#rows.values()]
        .filter(row => row.api === api)
        .sort((a, b) => a.version - b.version)
      const versions = rows.map(row => `v${row.version}: ${row.requests}`).join(', ')
      const heard = new Map<string, number>()
      for (const row of rows)
        for (const [what, times] of row.heard) heard.set(what, (heard.get(what) ?? 0) + times)
      const codes = [...heard].sort((a, b) => b[1] - a[1]).map(([what, times]) => `${what} ${times}`)
      return `| ${api} | ${versions} | ${codes.join(', ')} |`
    })
    return ['| request | sent by version | answers that held | ', '|---|---|---|', ...lines, ''].join('\n')
  }

  #row(api: string, version: number): Row {
    const key = `${api} ${version}`
    let row = this.#rows.get(key)
    if (row === undefined) this.#rows.set(key, (row = { api, version, requests: 0, heard: new Map() }))
    return row
  }
}

function collect(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into)
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [key, inner] of Object.entries(value)) {
      if (/errorCode$/i.test(key)) into.add(errorOf(inner as number).name)
      else collect(inner, into)
    }
  }
}
