// The words of the comparison. A cell is one workload with its settings; it runs in rounds, one server after the other, and each round
// yields measures. A workload drives one server at a time and knows nothing of the other, of rounds, or of tables.
import type { RunningBroker, Server } from '../../compat-tests/brokers.ts'

/** What a round can measure, how it is printed, and which direction wins. */
export const measures = {
  mbPerSecond: { title: 'MB/s', better: 'higher', digits: 0 },
  recordsPerSecond: { title: 'records/s', better: 'higher', digits: 0 },
  requestsPerSecond: { title: 'requests/s', better: 'higher', digits: 0 },
  roundTripMs: { title: 'ms each', better: 'lower', digits: 2 },
  p50Ms: { title: 'p50 ms', better: 'lower', digits: 2 },
  p99Ms: { title: 'p99 ms', better: 'lower', digits: 2 },
  p999Ms: { title: 'p99.9 ms', better: 'lower', digits: 2 },
  startMs: { title: 'start ms', better: 'lower', digits: 0 },
  restMb: { title: 'MB at rest', better: 'lower', digits: 0 },
  /** The most that was resident since the cell began (VmHWM). */
  peakMb: { title: 'peak MB', better: 'lower', digits: 0 },
  createMs: { title: 'create ms', better: 'lower', digits: 0 },
  /** Until one more member has its part, and until a group of one less has everything again. */
  joinMs: { title: 'join ms', better: 'lower', digits: 0 },
  leaveMs: { title: 'leave ms', better: 'lower', digits: 0 },
  /** Until nothing but the newest record of each key is left. */
  compactMs: { title: 'compact ms', better: 'lower', digits: 0 },
  /** Resident, each. */
  idleConnectionKb: { title: 'KiB/connection', better: 'lower', digits: 1 },
  partitionKb: { title: 'KiB/partition', better: 'lower', digits: 1 },
  /** The same client against a responder that does nothing. */
  floorP50Ms: { title: 'floor p50 ms', better: 'lower', digits: 2 },
  floorP99Ms: { title: 'floor p99 ms', better: 'lower', digits: 2 },
  serverCpuPerGib: { title: 'server s/GiB', better: 'lower', digits: 2 },
  clientCpuPerGib: { title: 'client s/GiB', better: 'lower', digits: 2 },
  /** Cores used, on average: processor seconds for each second. */
  serverCores: { title: 'server cores', better: 'lower', digits: 2 },
  clientCores: { title: 'client cores', better: 'lower', digits: 2 },
  /** Of the client's busiest thread. Near 1 the client can do no more. */
  clientThreadCores: { title: 'client thread', better: 'lower', digits: 2 },
  /** Of the other server, which stands idle beside. */
  otherCores: { title: 'other cores', better: 'lower', digits: 3 },
  /** Of the machine: what nobody wanted, and what the host gave to other machines. */
  idleCores: { title: 'idle cores', better: 'lower', digits: 2 },
  /** What neither server nor client nor bench used, and others on this machine did. */
  foreignCores: { title: 'foreign cores', better: 'lower', digits: 2 },
  stolenCores: { title: 'stolen cores', better: 'lower', digits: 2 },
} as const satisfies Record<string, { title: string; better: 'higher' | 'lower'; digits: number }>

export type Measure = keyof typeof measures
export type Measured = Partial<Record<Measure, number>>

/** One server with what a workload needs to load it. */
export interface Bench {
  readonly name: Server
  readonly broker: RunningBroker
  readonly port: number
  /** The process that stands idle meanwhile. */
  readonly otherPid: number | undefined
  /** In front of every client's command: its pin to a core, or nothing. */
  readonly clientRunner: readonly string[]
  /** A topic name nobody has used before. */
  topic(): string
}

export interface Workload {
  /** Uncounted load on one server, at most so long. What it learns (how much fits a round) it keeps. */
  warmUp(bench: Bench, seconds: number): Promise<void>
  /** One counted round of about so many seconds. Throws when what was written does not come back. */
  round(bench: Bench, seconds: number): Promise<Measured>
}

export interface Cell {
  /** Also the name of its results file. */
  readonly name: string
  readonly what: string
  /** The measure that the cell is about; the others stand beside. */
  readonly headline: Measure
  /** Rows of their own in the table, below the headline. */
  readonly more?: readonly Measure[]
  readonly isQuick?: boolean
  /** Wants servers that have served nothing else, such as for their memory. */
  readonly isAlone?: boolean
  /** What both servers are told beyond the usual; of a cell that is alone. */
  readonly servers?: Readonly<Record<string, string>>
  /** When it is not as many as usual. */
  readonly rounds?: number
  /** What the table says about it: acks, batch, linger, client, … */
  readonly settings: Readonly<Record<string, string | number>>
  /** Fresh state for each run of the cell. */
  workload(): Workload
}
