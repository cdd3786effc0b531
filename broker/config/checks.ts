// Checks of single values that are more than a range. Each returns what is wrong, or null. Those that concern several
// settings at once are in profile.ts.

/** `*`, `none`, or `partition:broker,...`. */
export function throttledReplicas(elements: readonly string[]): string | null {
  const named = elements.length === 1 && (elements[0] === '*' || elements[0] === 'none')
  if (named || elements.every(element => /^\d+:\d+$/.test(element))) return null
  return 'must be *, none, or a list of partition:broker'
}

/** latest, earliest, or by_duration: and an ISO-8601 duration that is not negative. */
export function autoOffsetReset(value: string): string | null {
  if (value === 'latest' || value === 'earliest') return null
  if (/^by_duration:P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/i.test(value)) return null
  return 'must be latest, earliest, or by_duration:PnDTnHnMn.nS'
}

/** host:limit, comma-separated. */
export function connectionOverrides(value: string): string | null {
  const bad = value.split(',').find(pair => pair.trim() !== '' && !/^\s*\S+:\d{1,9}\s*$/.test(pair))
  return bad === undefined ? null : `${bad.trim()} is not of the form host:limit`
}

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** host:port, where an IPv6 host may stand in brackets. */
export function parseHostAndPort(element: string): HostAndPort | null {
  const match = /^(\[[0-9a-fA-F:.%]+\]|[^:[\]\s]+):(\d{1,5})$/.exec(element)
  if (match === null || Number(match[2]) > 65_535) return null
  return { host: match[1]!.replace(/^\[|\]$/g, ''), port: Number(match[2]) }
}

export interface Voter extends HostAndPort {
  readonly id: number
}

/** id@host:port. */
export function parseVoter(element: string): Voter | null {
  const match = /^(\d{1,10})@(.+)$/.exec(element)
  const address = match && parseHostAndPort(match[2]!)
  return match && address && { id: Number(match[1]), ...address }
}

export function quorumVoters(elements: readonly string[]): string | null {
  const bad = elements.find(element => parseVoter(element) === null)
  return bad === undefined ? null : `${bad} is not of the form id@host:port`
}

export function bootstrapServers(elements: readonly string[]): string | null {
  const bad = elements.find(element => parseHostAndPort(element) === null)
  return bad === undefined ? null : `${bad} is not of the form host:port`
}

/** Address for our own HTTP endpoint: host:port, :port for every interface, or nothing at all. */
export function optionalListener(value: string): string | null {
  if (value === '' || /^:\d{1,5}$/.test(value) || parseHostAndPort(value) !== null) return null
  return 'must be host:port, :port, or empty'
}
