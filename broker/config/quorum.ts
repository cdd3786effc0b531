// What this node may be: broker and controller in one process, in a quorum of itself. Settings that ask for anything
// else are refused at start. A broker that was meant to join a cluster must never come up with a private controller:
// it would answer clients with a cluster of its own.
import { hostname } from 'node:os'
import { parseHostAndPort, parseVoter } from './checks.ts'
import type { Listeners } from './listeners.ts'
import { ConfigError } from './setting.ts'

interface Roles {
  readonly nodeId: number
  get(
    name: 'process.roles' | 'controller.quorum.voters' | 'controller.quorum.bootstrap.servers',
  ): readonly string[]
}

export function checkRolesAndQuorum(config: Roles, listeners: Listeners): void {
  const roles = config.get('process.roles')
  if (!roles.includes('broker') || !roles.includes('controller'))
    throw new ConfigError(
      'process.roles',
      `process.roles is ${roles.join(',')}: joining a controller quorum is not built yet; only broker,controller is served`,
    )
  const name = 'controller.quorum.voters'
  const strangers = config.get(name).filter(element => parseVoter(element)?.id !== config.nodeId)
  if (strangers.length > 0)
    throw new ConfigError(
      name,
      `${name} names ${strangers.join(', ')}: joining a quorum of other nodes is not built yet; only node ${config.nodeId} itself may stand there`,
    )
  checkBootstrapServers(config, listeners)
}

function checkBootstrapServers(config: Roles, listeners: Listeners): void {
  const name = 'controller.quorum.bootstrap.servers'
  const own = new Set(['localhost', '127.0.0.1', '::1', '0.0.0.0', '::', hostname().toLowerCase()])
  const { client, controller, advertised = [], advertisedControllers } = listeners
  for (const { host } of [...client, ...controller, ...advertised, ...advertisedControllers])
    own.add(host.toLowerCase())
  const strangers = config.get(name).filter(element => {
    const address = parseHostAndPort(element)
    const isOurs = address !== null && own.has(address.host.toLowerCase())
    const controllers = [...controller, ...advertisedControllers]
    return !isOurs || !controllers.some(({ port }) => port === 0 || port === address.port)
  })
  if (strangers.length > 0)
    throw new ConfigError(
      name,
      `${name} names ${strangers.join(', ')}, which is not a controller listener of this node: joining a quorum of other nodes is not built yet`,
    )
}
