/** The sockets: one listener for each that the settings name, bound and not yet admitting anybody. */
import type { Listener as ListenerSetting } from '../config/listeners.ts'
import { ConnectionQuotas } from '../net/connection-quotas.ts'
import { Listener, type ListenerNeeds } from '../net/listener.ts'
import type { BoundListener, BrokerOptions } from '../options.ts'
import type { Bound } from './endpoints.ts'
import { listenerLimits } from './settings.ts'

/** What all connections of the process share, whatever listener they come through. */
export type SharedByListeners = Pick<
  ListenerNeeds,
  'gate' | 'blocks' | 'outbox' | 'replyMemory' | 'sharedReads' | 'events'
>

export interface OpenListener {
  readonly listener: ListenerSetting
  readonly server: Listener
}

export interface OpenListeners {
  readonly client: readonly OpenListener[]
  readonly controller: readonly OpenListener[]
}

/** `onOpen` is told of each as soon as it holds its port, so that a start that fails later lets go of it. */
export async function openListeners(
  { config, clock }: BrokerOptions,
  shared: SharedByListeners,
  onOpen: (server: Listener) => void,
): Promise<OpenListeners> {
  const open = async (listener: ListenerSetting, quotas: ConnectionQuotas): Promise<OpenListener> => {
    const server = new Listener({
      ...listener,
      ...shared,
      ...{ clock, quotas },
      backlog: config.get('socket.listen.backlog.size'),
      limits: listenerLimits(config, listener.name),
    })
    await server.start()
    onOpen(server)
    return { listener, server }
  }
  // Each kind counts by itself, as Kafka's two socket servers do: when clients have taken every connection there is, an
  // operator still reaches the controller.
  const [ofClients, ofControllers] = [new ConnectionQuotas(), new ConnectionQuotas()]
  const client: OpenListener[] = []
  const controller: OpenListener[] = []
  // Whoever finds the clients' port open may count on the controller's.
  for (const listener of config.listeners.controller) controller.push(await open(listener, ofControllers))
  for (const listener of config.listeners.client) client.push(await open(listener, ofClients))
  return { client, controller }
}

export const boundOf = (open: readonly OpenListener[]): Bound[] =>
  open.map(({ listener, server }) => ({ listener, port: server.address.port }))

export const shownOf = (open: readonly OpenListener[]): BoundListener[] =>
  open.map(({ server }) => ({ name: server.name, ...server.address }))
