// A classic group: its members, its generation and the state they are in. This file holds what is true of a group at one
// moment and the small steps that keep it so; what happens to groups over time is in join.ts, rebalance.ts and session.ts.
//
//                 a member joins                 all joined               the leader's assignment is stored
//     Empty ──────────────────▶ PreparingRebalance ───────▶ CompletingRebalance ───────────────────▶ Stable
//       ▲                          │   ▲                          │                                  │
//       └──────nobody is left──────┘   └──a member joins, leaves, expires or changes its mind────────┘
//
// Dead: the coordinator has moved away. Answers to Kafka's ClassicGroup, ClassicGroupMember and ClassicGroupState.

import { Errors } from '../../../protocol/errors.ts'
import { RequestError } from '../../ports/request-error.ts'
import type { Caller } from '../shard.ts'
import { CONSUMER_PROTOCOL_TYPE, subscribedTopicsOf } from './consumer-protocol.ts'

export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

const previousStatesOf: Readonly<Record<ClassicGroupState, readonly ClassicGroupState[]>> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead'],
}

export const EMPTY_ASSIGNMENT = Buffer.alloc(0)

export interface MemberProtocol {
  readonly name: string
  readonly metadata: Buffer
}

export class ClassicGroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly protocolType: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  supportedProtocols: readonly MemberProtocol[]
  assignment: Buffer = EMPTY_ASSIGNMENT
  /** Whoever waits for the answer to this member's JoinGroup. Set through the group, which counts them. */
  awaitingJoin: Caller | null = null
  awaitingSync: Caller | null = null
  /** Joined for the first time and has not been answered yet: it may expire while it waits. */
  isNew = false

  constructor(of: {
    memberId: string
    groupInstanceId: string | null
    clientId: string
    clientHost: string
    protocolType: string
    rebalanceTimeoutMs: number
    sessionTimeoutMs: number
    supportedProtocols: readonly MemberProtocol[]
    assignment?: Buffer
  }) {
    this.memberId = of.memberId
    this.groupInstanceId = of.groupInstanceId
    this.clientId = of.clientId
    this.clientHost = of.clientHost
    this.protocolType = of.protocolType
    this.rebalanceTimeoutMs = of.rebalanceTimeoutMs
    this.sessionTimeoutMs = of.sessionTimeoutMs
    this.supportedProtocols = of.supportedProtocols
    if (of.assignment !== undefined) this.assignment = of.assignment
  }

  /** The same member under another id; nobody waits for its replies. */
  under(memberId: string): ClassicGroupMember {
    const { groupInstanceId, clientId, clientHost, protocolType, supportedProtocols, assignment } = this
    const { rebalanceTimeoutMs, sessionTimeoutMs } = this
    const client = { memberId, groupInstanceId, clientId, clientHost }
    const terms = { protocolType, supportedProtocols, rebalanceTimeoutMs, sessionTimeoutMs }
    return new ClassicGroupMember({ ...client, ...terms, assignment })
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null
  }

  /** A member that waits for us needs no heartbeat, unless it is new: nobody may ever come back for that one. */
  get hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.awaitingJoin !== null || this.awaitingSync !== null)
  }

  metadata(protocolName: string | null): Buffer {
    const found = this.supportedProtocols.find(protocol => protocol.name === protocolName)
    if (found === undefined) throw new Error(`member ${this.memberId} does not support ${protocolName}`)
    return found.metadata
  }

  /** Same protocols, same metadata, same order. */
  matches(protocols: readonly MemberProtocol[]): boolean {
    const own = this.supportedProtocols
    return (
      own.length === protocols.length &&
      own.every((p, i) => p.name === protocols[i]!.name && p.metadata.equals(protocols[i]!.metadata))
    )
  }
}

export class ClassicGroup {
  readonly groupId: string
  state: ClassicGroupState
  previousState: ClassicGroupState = 'Dead'
  /** When the present state was entered; null in groups written before Kafka recorded it. */
  stateSinceMs: number | null
  generationId = 0
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  readonly members = new Map<string, ClassicGroupMember>()
  /** Instance id → member id. */
  readonly #staticMembers = new Map<string, string>()
  /** Were given an id and asked to come back with it (KIP-394). */
  readonly pendingJoinMembers = new Set<string>()
  /** Were told of the new generation and have not asked for their assignment. */
  readonly pendingSyncMembers = new Set<string>()
  /** How many members support each protocol. */
  readonly #supportedProtocols = new Map<string, number>()
  /** Topics that consumers of the present generation subscribe to; null when the group's protocol does not say. */
  subscribedTopics: ReadonlySet<string> | null = null
  /** Someone joined during the initial rebalance delay, which may therefore be extended. */
  newMemberAdded = false
  #awaitingJoinCount = 0

  constructor(groupId: string, nowMs: number | null, state: ClassicGroupState = 'Empty') {
    this.groupId = groupId
    this.state = state
    this.stateSinceMs = nowMs
  }

  // ---- Questions

  isIn(...states: readonly ClassicGroupState[]): boolean {
    return states.includes(this.state)
  }

  /** Offsets without membership: a consumer that assigns itself its partitions, or an administrator. */
  get isSimple(): boolean {
    return this.protocolType === null && this.state === 'Empty' && this.pendingJoinMembers.size === 0
  }

  get awaitingJoinCount(): number {
    return this.#awaitingJoinCount
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE
  }

  get canRebalance(): boolean {
    return previousStatesOf.PreparingRebalance.includes(this.state)
  }

  get hasAllMembersJoined(): boolean {
    return this.members.size === this.#awaitingJoinCount && this.pendingJoinMembers.size === 0
  }

  /** The longest any member allows. */
  get rebalanceTimeoutMs(): number {
    let longest = 0
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs)
    return longest
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId
  }

  staticMemberId(groupInstanceId: string): string | undefined {
    return this.#staticMembers.get(groupInstanceId)
  }

  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics === null ? this.usesConsumerProtocol : this.subscribedTopics.has(topic)
  }

  supportsProtocols(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (this.state === 'Empty') return protocolType !== '' && protocols.length > 0
    return (
      this.protocolType === protocolType &&
      protocols.some(({ name }) => this.#supportedProtocols.get(name) === this.members.size)
    )
  }

  /** Throws FENCED_INSTANCE_ID or UNKNOWN_MEMBER_ID. */
  validateMember(memberId: string, groupInstanceId: string | null): ClassicGroupMember {
    if (groupInstanceId !== null) {
      const holder = this.staticMemberId(groupInstanceId)
      if (holder === undefined) throw new RequestError(Errors.UNKNOWN_MEMBER_ID)
      if (holder !== memberId) throw new RequestError(Errors.FENCED_INSTANCE_ID)
    }
    const member = this.members.get(memberId)
    if (member === undefined) throw new RequestError(Errors.UNKNOWN_MEMBER_ID)
    return member
  }

  /**
   * Every member votes for the first of its protocols that all support; the most votes win. On a tie (where Kafka follows the
   * order of a hash table) the present protocol stays, else the earliest voter decides.
   */
  selectProtocol(): string {
    const votes = new Map<string, number>()
    for (const member of this.members.values()) {
      const choice = member.supportedProtocols.find(
        ({ name }) => this.#supportedProtocols.get(name) === this.members.size,
      )
      if (choice === undefined) throw new Error(`group ${this.groupId} has no protocol in common`)
      votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
    }
    let winner = ''
    let most = 0
    for (const [name, count] of votes) {
      if (count > most || (count === most && name === this.protocolName)) {
        winner = name
        most = count
      }
    }
    return winner
  }

  // ---- Members

  add(member: ClassicGroupMember, awaitingJoin: Caller | null = null): void {
    if (this.members.size === 0) this.protocolType = member.protocolType
    if (!this.supportsProtocols(member.protocolType, member.supportedProtocols))
      throw new Error(`member ${member.memberId} has no protocol in common with group ${this.groupId}`)
    if (member.groupInstanceId !== null) {
      if (this.#staticMembers.has(member.groupInstanceId))
        throw new Error(`instance ${member.groupInstanceId} is already a member of group ${this.groupId}`)
      this.#staticMembers.set(member.groupInstanceId, member.memberId)
    }
    this.leaderId ??= member.memberId
    this.members.set(member.memberId, member)
    this.#countProtocols(member, 1)
    this.#awaitJoin(member, awaitingJoin)
    this.pendingJoinMembers.delete(member.memberId)
  }

  /** A member out of the log, which was written when all of this had been checked. */
  load(member: ClassicGroupMember): void {
    if (member.groupInstanceId !== null) this.#staticMembers.set(member.groupInstanceId, member.memberId)
    this.members.set(member.memberId, member)
    this.#countProtocols(member, 1)
  }

  remove(memberId: string): void {
    const member = this.members.get(memberId)
    if (member !== undefined) {
      this.members.delete(memberId)
      this.#countProtocols(member, -1)
      this.#awaitJoin(member, null)
      if (member.groupInstanceId !== null) this.#staticMembers.delete(member.groupInstanceId)
    }
    if (this.isLeader(memberId)) this.leaderId = this.members.keys().next().value ?? null
    this.pendingJoinMembers.delete(memberId)
    this.pendingSyncMembers.delete(memberId)
  }

  update(
    member: ClassicGroupMember,
    protocols: readonly MemberProtocol[],
    rebalanceTimeoutMs: number,
    sessionTimeoutMs: number,
    awaitingJoin: Caller | null,
  ): void {
    this.#countProtocols(member, -1)
    member.supportedProtocols = protocols
    this.#countProtocols(member, 1)
    member.rebalanceTimeoutMs = rebalanceTimeoutMs
    member.sessionTimeoutMs = sessionTimeoutMs
    this.#awaitJoin(member, awaitingJoin)
  }

  /**
   * The instance came back under a new member id and takes over everything the old one had (KIP-345). Whoever waited
   * under the old id must have been answered before.
   */
  replaceStaticMember(groupInstanceId: string, oldMemberId: string, newMemberId: string): ClassicGroupMember {
    const old = this.members.get(oldMemberId)
    if (old === undefined) throw new Error(`no member ${oldMemberId} to replace in group ${this.groupId}`)
    this.members.delete(oldMemberId)
    const member = old.under(newMemberId)
    this.members.set(newMemberId, member)
    if (this.isLeader(oldMemberId)) this.leaderId = newMemberId
    this.#staticMembers.set(groupInstanceId, newMemberId)
    // Kafka leaves the old id here, and rebalances needlessly when the wait for its assignment runs out.
    if (this.pendingSyncMembers.delete(oldMemberId)) this.pendingSyncMembers.add(newMemberId)
    return member
  }

  /** Who waits for this member's join, no longer waiting from now on; null when nobody does. */
  takeAwaitingJoin(member: ClassicGroupMember): Caller | null {
    const caller = member.awaitingJoin
    this.#awaitJoin(member, null)
    return caller
  }

  #awaitJoin(member: ClassicGroupMember, caller: Caller | null): void {
    this.#awaitingJoinCount += (caller === null ? 0 : 1) - (member.awaitingJoin === null ? 0 : 1)
    member.awaitingJoin = caller
  }

  #countProtocols(member: ClassicGroupMember, by: number): void {
    // A client that names a protocol twice still is one member that supports it.
    for (const name of new Set(member.supportedProtocols.map(protocol => protocol.name))) {
      const count = (this.#supportedProtocols.get(name) ?? 0) + by
      if (count > 0) this.#supportedProtocols.set(name, count)
      else this.#supportedProtocols.delete(name)
    }
  }

  // ---- Steps

  transitionTo(state: ClassicGroupState, nowMs: number): void {
    if (!previousStatesOf[state].includes(this.state))
      throw new Error(`group ${this.groupId} cannot go from ${this.state} to ${state}`)
    this.previousState = this.state
    this.state = state
    this.stateSinceMs = nowMs
  }

  /** A leader that has not rejoined loses its place to one that has. False when nobody has. */
  electJoinedLeader(): boolean {
    const leader = this.leaderId === null ? undefined : this.members.get(this.leaderId)
    if (leader === undefined) return false
    if (leader.awaitingJoin !== null) return true
    for (const member of this.members.values()) {
      if (member.awaitingJoin !== null) {
        this.leaderId = member.memberId
        return true
      }
    }
    return false
  }

  startNextGeneration(nowMs: number): void {
    this.generationId++
    this.protocolName = this.members.size === 0 ? null : this.selectProtocol()
    this.subscribedTopics = this.computeSubscribedTopics()
    this.transitionTo(this.members.size === 0 ? 'Empty' : 'CompletingRebalance', nowMs)
    this.pendingSyncMembers.clear()
  }

  computeSubscribedTopics(): ReadonlySet<string> | null {
    if (!this.usesConsumerProtocol) return null
    if (this.members.size === 0) return new Set()
    if (this.protocolName === null) return null
    const topics = new Set<string>()
    for (const member of this.members.values()) {
      const subscribed = subscribedTopicsOf(member.metadata(this.protocolName))
      if (subscribed === null) return null
      for (const topic of subscribed) topics.add(topic)
    }
    return topics
  }
}
