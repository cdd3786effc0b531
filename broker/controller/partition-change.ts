// One partition's next state: who leads, who is in sync, who may lead without being in sync, and the record that says so.
//
//   preferred  the first replica if it can, else the leader there is, else the first that can
//   online     the leader there is, else the first that can
//   unclean    as online, and if nobody can: the first live replica, in recovery, alone in the ISR
//
// "Can" means live and in the ISR, or in the ELR when the ISR is empty (KIP-966). With eligible leader replicas on, the ISR may
// become empty, and a partition whose ISR and ELR are empty is led again by its last leader. Kafka's PartitionChangeBuilder.
import {
  LeaderRecoveryState,
  NO_LEADER,
  NO_LEADER_CHANGE,
  type PartitionRegistration,
} from '../metadata/image.ts'
import type { MetadataRecord, MetadataRecordTypes } from '../metadata/metadata-record.ts'

export type Election = 'preferred' | 'online' | 'unclean'

export interface PartitionChange {
  readonly topicId: string
  readonly partitionId: number
  readonly partition: PartitionRegistration
  readonly isAcceptableLeader: (brokerId: number) => boolean
  readonly elrEnabled: boolean
  /** min.insync.replicas of the topic, but not more than it has replicas. */
  readonly minIsr: number
  readonly directoryOf: (brokerId: number) => string
  readonly election?: Election
  readonly isr?: readonly number[]
  readonly replicas?: readonly number[]
  readonly adding?: readonly number[]
  readonly removing?: readonly number[]
  readonly uncleanShutdown?: readonly number[]
  readonly leaderRecoveryState?: number
  /** Directories to set, by broker. */
  readonly directories?: ReadonlyMap<number, string>
}

interface Target {
  isr: readonly number[]
  replicas: readonly number[]
  adding: readonly number[]
  removing: readonly number[]
  elr: readonly number[]
  lastKnownElr: readonly number[]
}

const same = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, at) => item === b[at])

/** The record, or undefined if nothing changes. */
export function partitionChange(change: PartitionChange): MetadataRecord | undefined {
  const { partition } = change
  const target: Target = {
    isr: change.isr ?? partition.isr,
    replicas: change.replicas ?? partition.replicas,
    adding: change.adding ?? partition.addingReplicas,
    removing: change.removing ?? partition.removingReplicas,
    elr: partition.elr,
    lastKnownElr: partition.lastKnownElr,
  }
  const record = noChange(change.topicId, change.partitionId)
  completeReassignment(target)
  if (change.elrEnabled) populateElr(target, change)
  elect(target, record, change)
  if (record.leader === NO_LEADER_CHANGE && !containsAll(target.replicas, partition.replicas)) {
    record.leader = partition.leader // a replica goes: the epoch must grow
  }
  updateElr(target, record, change)
  if (
    record.isr === null &&
    (target.isr.length > 0 || change.elrEnabled) &&
    !same(target.isr, partition.isr)
  ) {
    record.isr = [...target.isr]
  }
  updateLastKnownLeader(record, change)
  setAssignment(target, record, change)
  const recovery = change.leaderRecoveryState ?? partition.leaderRecoveryState
  if (recovery !== partition.leaderRecoveryState) record.leaderRecoveryState = recovery
  return isNoOp(record) ? undefined : { type: 'PartitionChangeRecord', value: record }
}

function noChange(topicId: string, partitionId: number): MetadataRecordTypes['PartitionChangeRecord'] {
  return {
    partitionId,
    topicId,
    isr: null,
    leader: NO_LEADER_CHANGE,
    replicas: null,
    removingReplicas: null,
    addingReplicas: null,
    leaderRecoveryState: LeaderRecoveryState.NO_CHANGE,
    directories: null,
    eligibleLeaderReplicas: null,
    lastKnownElr: null,
  }
}

const isNoOp = (record: MetadataRecordTypes['PartitionChangeRecord']): boolean =>
  record.leader === NO_LEADER_CHANGE &&
  record.leaderRecoveryState === LeaderRecoveryState.NO_CHANGE &&
  record.isr === null &&
  record.replicas === null &&
  record.removingReplicas === null &&
  record.addingReplicas === null &&
  record.directories === null &&
  record.eligibleLeaderReplicas === null &&
  record.lastKnownElr === null

const containsAll = (all: readonly number[], some: readonly number[]): boolean =>
  some.every(item => all.includes(item))

/** A reassignment ends as soon as every replica that shall stay is in sync. */
function completeReassignment(target: Target): void {
  if (target.adding.length === 0 && target.removing.length === 0) return
  const isr = target.isr.filter(replica => !target.removing.includes(replica))
  const replicas = target.replicas.filter(replica => !target.removing.includes(replica))
  if (isr.length === 0 || replicas.length === 0 || !containsAll(isr, replicas)) return
  Object.assign(target, { isr, replicas, adding: [], removing: [] })
}

function populateElr(target: Target, { partition, minIsr, uncleanShutdown = [] }: PartitionChange): void {
  if (target.isr.length >= minIsr) {
    target.elr = []
    target.lastKnownElr = []
    return
  }
  const candidates = new Set([...target.elr, ...partition.isr])
  const elr = [...candidates].filter(id => !target.isr.includes(id) && !uncleanShutdown.includes(id))
  for (const id of target.lastKnownElr) candidates.add(id)
  target.lastKnownElr = [...candidates].filter(id => !target.isr.includes(id) && !elr.includes(id))
  target.elr = elr
}

function elect(
  target: Target,
  record: MetadataRecordTypes['PartitionChangeRecord'],
  change: PartitionChange,
): void {
  const { partition } = change
  const { leader, unclean } = chooseLeader(target, change)
  if (leader === partition.leader) return
  if (target.elr.includes(leader)) {
    target.isr = [leader]
    target.elr = target.elr.filter(id => id !== leader)
  }
  record.leader = leader
  if (!unclean) return
  record.isr = [leader]
  if (partition.leaderRecoveryState !== LeaderRecoveryState.RECOVERING) {
    record.leaderRecoveryState = LeaderRecoveryState.RECOVERING
  }
}

function chooseLeader(target: Target, change: PartitionChange): { leader: number; unclean: boolean } {
  const { partition, election = 'online', isAcceptableLeader } = change
  const canLead = (id: number) =>
    (target.isr.includes(id) || (target.isr.length === 0 && target.elr.includes(id))) &&
    isAcceptableLeader(id)
  const preferred = target.replicas[0]
  if (election === 'preferred' && preferred !== undefined && canLead(preferred)) {
    return { leader: preferred, unclean: false }
  }
  if (canLead(partition.leader)) return { leader: partition.leader, unclean: false }
  const online = target.replicas.find(canLead)
  if (online !== undefined) return { leader: online, unclean: false }
  const lastLeader = partition.lastKnownElr[0]
  if (
    change.elrEnabled &&
    target.elr.length === 0 &&
    target.isr.length === 0 &&
    partition.lastKnownElr.length === 1 &&
    isAcceptableLeader(lastLeader!)
  ) {
    return { leader: lastLeader!, unclean: true }
  }
  if (election === 'unclean') {
    const live = target.replicas.find(isAcceptableLeader)
    if (live !== undefined) return { leader: live, unclean: true }
  }
  return { leader: NO_LEADER, unclean: false }
}

function updateElr(
  target: Target,
  record: MetadataRecordTypes['PartitionChangeRecord'],
  { partition, elrEnabled }: PartitionChange,
): void {
  const wasUnclean = record.isr !== null
  if (wasUnclean || !elrEnabled) target.elr = []
  if (!same(target.elr, partition.elr)) record.eligibleLeaderReplicas = [...target.elr]
}

/** The last known ELR holds one thing only: who led when the ISR became empty. */
function updateLastKnownLeader(
  record: MetadataRecordTypes['PartitionChangeRecord'],
  { partition, elrEnabled }: PartitionChange,
): void {
  if (!elrEnabled) return
  if (
    record.isr !== null &&
    record.isr.length === 0 &&
    (partition.lastKnownElr.length !== 1 || partition.lastKnownElr[0] !== partition.leader)
  ) {
    // Only when it first loses its leader: a partition that had none keeps the name it has.
    record.lastKnownElr = [partition.leader]
  } else if (
    (record.leader >= 0 || (partition.leader !== NO_LEADER && record.leader !== NO_LEADER)) &&
    partition.lastKnownElr.length > 0
  ) {
    record.lastKnownElr = []
  }
}

function setAssignment(
  target: Target,
  record: MetadataRecordTypes['PartitionChangeRecord'],
  { partition, directories, directoryOf }: PartitionChange,
): void {
  const wanted = target.replicas.map(
    id => directories?.get(id) ?? currentDirectory(partition, id) ?? directoryOf(id),
  )
  if (!same(wanted, partition.directories)) record.directories = wanted
  if (!same(target.replicas, partition.replicas)) record.replicas = [...target.replicas]
  if (!same(target.removing, partition.removingReplicas)) record.removingReplicas = [...target.removing]
  if (!same(target.adding, partition.addingReplicas)) record.addingReplicas = [...target.adding]
}

function currentDirectory(partition: PartitionRegistration, brokerId: number): string | undefined {
  const at = partition.replicas.indexOf(brokerId)
  return at < 0 ? undefined : partition.directories[at]
}
