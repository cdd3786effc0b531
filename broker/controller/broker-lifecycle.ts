// The broker's own standing with its controller: registers at start, is unfenced once it has published its own registration, reports
// directories that fail and replicas that moved between them, and leaves in an orderly way. In process there is no session to keep
// alive: the heartbeat of Kafka's BrokerLifecycleManager is sent only where it changes something.
import type { MetadataSource } from '../metadata/image.ts'
import type { ReplicaAssignment } from './directories.ts'
import type { BrokerIdentity, Heartbeat, HeartbeatReply } from './registration.ts'

/** The part of the controller that only this broker itself uses. */
export interface RegistrationChannel {
  registerBroker(broker: BrokerIdentity): Promise<{ brokerEpoch: number }>
  brokerHeartbeat(heartbeat: Heartbeat): Promise<HeartbeatReply>
  assignReplicaToDirectory(assignment: ReplicaAssignment): Promise<void>
}

export class BrokerLifecycle {
  readonly #channel: RegistrationChannel
  readonly #metadata: MetadataSource
  readonly #offlineDirectories = new Set<string>()
  #brokerId = -1
  #brokerEpoch = -1

  constructor(channel: RegistrationChannel, metadata: MetadataSource) {
    this.#channel = channel
    this.#metadata = metadata
  }

  /** What `.kafka_cleanshutdown` is written with; -1 before the registration. */
  get brokerEpoch(): number {
    return this.#brokerEpoch
  }

  /** Registers, fenced. Partitions that the previous run led have lost their leader when it resolves. */
  async register(identity: BrokerIdentity): Promise<number> {
    this.#brokerId = identity.brokerId
    const { brokerEpoch } = await this.#channel.registerBroker(identity)
    this.#brokerEpoch = brokerEpoch
    return brokerEpoch
  }

  /** Ready to serve: partitions have leaders again when it resolves. */
  async unfence(): Promise<void> {
    const reply = await this.#heartbeat({ wantFence: false, wantShutDown: false })
    if (reply.isFenced)
      throw new Error('the controller keeps this broker fenced: its own registration is not published')
  }

  async directoriesFailed(directoryIds: readonly string[]): Promise<void> {
    for (const id of directoryIds) this.#offlineDirectories.add(id)
    if (this.#brokerEpoch >= 0) await this.#heartbeat({ wantFence: false, wantShutDown: false })
  }

  /** The replica lies in that directory, or is about to. Resolves when the image says so. */
  assignReplica(topicId: string, partition: number, directoryId: string): Promise<void> {
    return this.#channel.assignReplicaToDirectory({
      brokerId: this.#brokerId,
      ...{ topicId, partition, directoryId },
    })
  }

  /** Hands over all leadership. Resolves when nothing is led here any more and the broker is fenced. */
  async shutDown(): Promise<void> {
    if (this.#brokerEpoch < 0) return
    // Twice at most: once to give up what is led, once to be told to go.
    for (let attempt = 0; attempt < 2; attempt++) {
      const reply = await this.#heartbeat({ wantFence: false, wantShutDown: true })
      if (reply.shouldShutDown) return
    }
  }

  #heartbeat(want: { wantFence: boolean; wantShutDown: boolean }): Promise<HeartbeatReply> {
    return this.#channel.brokerHeartbeat({
      brokerId: this.#brokerId,
      brokerEpoch: this.#brokerEpoch,
      currentMetadataOffset: this.#metadata.current().offset,
      offlineDirectories: [...this.#offlineDirectories],
      ...want,
    })
  }
}
