// A client program as a child process, watched: whenever it reports progress, the processor time of client and servers is read. What is
// counted is the window from the first report after the client's own warm-up to its last report, so that starting a JVM, joining a
// group and compiling are not in it. A program that reports nothing is counted from its start to its end.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { availableParallelism } from 'node:os'
import type { Bench, Measured } from './cell.ts'
import { cpuSeconds, machineSeconds, type MachineSeconds, threadCpuSeconds } from './process-stat.ts'

export interface Program {
  readonly command: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Records so far, when the line says so. */
  progress?(line: string, recordsBefore: number): number | undefined
}

interface Look {
  readonly atMs: number
  readonly records: number
  readonly serverSeconds: number
  readonly otherSeconds: number
  readonly clientSeconds: number
  readonly machine: MachineSeconds
  readonly threads: ReadonlyMap<string, number>
}

export interface Ran {
  readonly lines: readonly string[]
  /** Reports, and for a program without any: one look at its start, one at its end. */
  readonly looks: readonly Look[]
  /** By what it was ended: its own exit, or our limit. */
  readonly isCutShort: boolean
}

const POLL_MS = 50

const running = new Set<ChildProcess>()

/** For whoever ends the bench before its time. */
export function stopPrograms(): void {
  for (const child of running) child.kill('SIGKILL')
}

export interface RunOptions {
  /** The program is ended after so long, which is not a failure. */
  readonly stopAfterMs?: number
  /** After so long it is one. */
  readonly limitMs?: number
}

export async function run(program: Program, bench: Bench, options: RunOptions = {}): Promise<Ran> {
  const [command, ...args] = [...bench.clientRunner, ...program.command]
  const child = spawn(command!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...program.env },
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  const pid = child.pid!
  const lines: string[] = []
  const looks: Look[] = []
  let errors = ''
  let records = 0
  const look = (): Look => ({
    atMs: performance.now(),
    records,
    serverSeconds: cpuSeconds(bench.broker.pid) ?? 0,
    otherSeconds: bench.otherPid === undefined ? 0 : (cpuSeconds(bench.otherPid) ?? 0),
    clientSeconds: cpuSeconds(pid) ?? 0,
    machine: machineSeconds(),
    threads: threadCpuSeconds(pid),
  })
  const first = look()
  let last = first
  // The last look at a process must come before its end, and nobody says when that is.
  const poll = program.progress ? undefined : setInterval(() => (last = look()), POLL_MS)
  child.stderr.on('data', (bytes: Buffer) => (errors = (errors + bytes.toString()).slice(-4000)))
  createInterface({ input: child.stdout }).on('line', line => {
    lines.push(line)
    const now = program.progress?.(line, records)
    if (now === undefined) return
    records = now
    looks.push(look())
  })
  let stopped = false
  const { stopAfterMs, limitMs = 180_000 } = options
  const timer = setTimeout(() => {
    stopped = true
    child.kill('SIGKILL')
  }, stopAfterMs ?? limitMs)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearTimeout(timer)
  clearInterval(poll)
  if (stopped ? stopAfterMs === undefined : code !== 0) {
    const why = stopped ? `took more than ${limitMs} ms` : `ended with ${code}`
    throw new Error(`${program.command.join(' ')} ${why}\n${lines.slice(-10).join('\n')}\n${errors}`)
  }
  return { lines, looks: program.progress ? looks : [first, last], isCutShort: stopped }
}

/** What lies between two looks. */
export interface Window {
  readonly seconds: number
  readonly records: number
  readonly serverSeconds: number
  readonly otherSeconds: number
  readonly clientSeconds: number
  readonly busiestThreadSeconds: number
  readonly machine: MachineSeconds
}

/** The counted part: what the program did after `skipSeconds` from its first report on. */
export function windowOf({ looks }: Ran, skipSeconds: number): Window {
  const begin = looks.find(({ atMs }) => atMs >= looks[0]!.atMs + skipSeconds * 1000)
  const end = looks.at(-1)
  if (begin === undefined || end === undefined || end.atMs - begin.atMs < 500) {
    throw new Error(
      `less than half a second is left after ${skipSeconds} s of the client's warm-up: more records are needed`,
    )
  }
  const threads = [...end.threads].map(([id, seconds]) => seconds - (begin.threads.get(id) ?? 0))
  return {
    seconds: (end.atMs - begin.atMs) / 1000,
    records: end.records - begin.records,
    serverSeconds: end.serverSeconds - begin.serverSeconds,
    otherSeconds: end.otherSeconds - begin.otherSeconds,
    clientSeconds: end.clientSeconds - begin.clientSeconds,
    busiestThreadSeconds: Math.max(0, ...threads),
    machine: {
      idle: end.machine.idle - begin.machine.idle,
      stolen: end.machine.stolen - begin.machine.stolen,
    },
  }
}

/** Ours, to read the programs' lines and sample, is in it too: a few hundredths of a core. */
function foreignSeconds({ seconds, machine, serverSeconds, clientSeconds, otherSeconds }: Window): number {
  return foreignOf(seconds, machine, serverSeconds + clientSeconds + otherSeconds)
}

/** What is neither idle, nor the host's, nor known to be ours. */
export function foreignOf(seconds: number, machine: MachineSeconds, knownSeconds: number): number {
  return Math.max(0, seconds * availableParallelism() - machine.idle - machine.stolen - knownSeconds)
}

/** The measures that every program yields. `recordBytes` are those of the values. */
export function measuredIn(window: Window, recordBytes: number): Measured {
  const { seconds, records, serverSeconds, clientSeconds } = window
  const gib = (records * recordBytes) / 2 ** 30
  return {
    mbPerSecond: (records * recordBytes) / 1e6 / seconds,
    recordsPerSecond: records / seconds,
    serverCpuPerGib: serverSeconds / gib,
    clientCpuPerGib: clientSeconds / gib,
    serverCores: serverSeconds / seconds,
    clientCores: clientSeconds / seconds,
    clientThreadCores: window.busiestThreadSeconds / seconds,
    otherCores: window.otherSeconds / seconds,
    idleCores: window.machine.idle / seconds,
    foreignCores: foreignSeconds(window) / seconds,
    stolenCores: window.machine.stolen / seconds,
  }
}
