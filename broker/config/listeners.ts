// Where we listen and what we tell clients: listeners, advertised.listeners and listener.security.protocol.map, read as
// Kafka reads them (KIP-103, KIP-291). Those named by controller.listener.names serve what a controller is asked (KIP-919).
// Unlike in Kafka there need be none: the controller lives in this process.
import { ConfigError } from './setting.ts'

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'

export interface Listener {
  readonly name: string
  /** Empty: every interface. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly securityProtocol: SecurityProtocol
}

export interface ListenerSettings {
  readonly listeners: readonly string[]
  /** Null: not set, and clients are told the address they came in through. */
  readonly advertised: readonly string[] | null
  readonly protocolMap: string
  /** False when the map is Kafka's default: then a controller listener without an entry is PLAINTEXT. */
  readonly protocolMapIsSet: boolean
  readonly controllerNames: readonly string[]
}

export interface Listeners {
  readonly client: readonly Listener[]
  readonly controller: readonly Listener[]
  /** Where clients are sent; undefined when advertised.listeners is not set. */
  readonly advertised: readonly Listener[] | undefined
  /** Where those who ask a controller are sent, out of the same setting. */
  readonly advertisedControllers: readonly Listener[]
}

const PROTOCOLS: readonly string[] = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']

function parseProtocolMap(text: string): Map<string, SecurityProtocol> {
  const name = 'listener.security.protocol.map'
  const protocols = new Map<string, SecurityProtocol>()
  for (const pair of text.split(',').map(part => part.trim())) {
    if (pair === '') continue
    const [listener, protocol, ...more] = pair.split(':').map(part => part.trim().toUpperCase())
    if (!listener || !protocol || more.length > 0 || !PROTOCOLS.includes(protocol)) {
      const known = PROTOCOLS.join(', ')
      throw new ConfigError(name, `${name}: ${pair} is not NAME:PROTOCOL with a protocol among ${known}`)
    }
    protocols.set(listener, protocol as SecurityProtocol)
  }
  return protocols
}

function parseListener(
  setting: string,
  element: string,
  protocols: ReadonlyMap<string, SecurityProtocol>,
): Listener {
  const match = /^([^:]+):\/\/(\[[0-9a-fA-F:.%]*\]|[^:[\]]*):(\d{1,5})$/.exec(element)
  if (match === null || Number(match[3]) > 65_535)
    throw new ConfigError(setting, `${setting}: ${element} is not of the form NAME://host:port`)
  const name = match[1]!.toUpperCase()
  const securityProtocol = protocols.get(name)
  if (securityProtocol === undefined)
    throw new ConfigError(
      setting,
      `${setting}: no security protocol is known for listener ${name}; add it to listener.security.protocol.map`,
    )
  return { name, host: match[2]!.replace(/^\[|\]$/g, ''), port: Number(match[3]), securityProtocol }
}

const isV6 = (host: string): boolean => host.includes(':')
const isWildcard = (host: string): boolean => host === '' || host === '0.0.0.0' || host === '::'

function checkDistinct(setting: string, listeners: readonly Listener[], portsToo: boolean): void {
  const names = new Set<string>()
  const ports = new Map<number, Listener>()
  for (const listener of listeners) {
    if (names.has(listener.name))
      throw new ConfigError(
        setting,
        `${setting}: each listener needs a name of its own; ${listener.name} comes twice`,
      )
    names.add(listener.name)
    const other = ports.get(listener.port)
    // One port may serve twice when one host is an IPv4 and the other an IPv6 address (KIP-797).
    if (portsToo && listener.port !== 0 && other && isV6(other.host) === isV6(listener.host))
      throw new ConfigError(
        setting,
        `${setting}: each listener needs a port of its own; ${listener.port} comes twice`,
      )
    ports.set(listener.port, listener)
  }
}

function protocolsOf(settings: ListenerSettings): Map<string, SecurityProtocol> {
  const protocols = parseProtocolMap(settings.protocolMap)
  if (!settings.protocolMapIsSet)
    for (const name of settings.controllerNames)
      if (!protocols.has(name.toUpperCase())) protocols.set(name.toUpperCase(), 'PLAINTEXT')
  return protocols
}

export function parseListeners(settings: ListenerSettings): Listeners {
  const protocols = protocolsOf(settings)
  const all = settings.listeners.map(element => parseListener('listeners', element, protocols))
  checkDistinct('listeners', all, true)
  const controllerNames = new Set(settings.controllerNames.map(name => name.toUpperCase()))
  const client = all.filter(listener => !controllerNames.has(listener.name))
  if (client.length === 0)
    throw new ConfigError(
      'listeners',
      'listeners: none is left for clients besides those of controller.listener.names',
    )
  const notPlain = all.find(listener => listener.securityProtocol !== 'PLAINTEXT')
  if (notPlain)
    throw new ConfigError(
      'listeners',
      `listeners: ${notPlain.name} asks for ${notPlain.securityProtocol}, which is not built yet; only PLAINTEXT is served`,
    )
  const advertised = advertisedOf(settings, all, protocols)
  return {
    client,
    controller: all.filter(listener => controllerNames.has(listener.name)),
    advertised: advertised?.filter(listener => !controllerNames.has(listener.name)),
    advertisedControllers: advertised?.filter(listener => controllerNames.has(listener.name)) ?? [],
  }
}

function advertisedOf(
  settings: ListenerSettings,
  all: readonly Listener[],
  protocols: ReadonlyMap<string, SecurityProtocol>,
): readonly Listener[] | undefined {
  if (settings.advertised === null) return undefined
  const name = 'advertised.listeners'
  const advertised = settings.advertised.map(element => parseListener(name, element, protocols))
  checkDistinct(name, advertised, false)
  for (const listener of advertised) {
    if (isWildcard(listener.host))
      throw new ConfigError(
        name,
        `${name}: ${listener.name} needs a host that clients can reach, not a wildcard`,
      )
    if (!all.some(other => other.name === listener.name))
      throw new ConfigError(name, `${name}: ${listener.name} is not among the listeners`)
  }
  return advertised
}
