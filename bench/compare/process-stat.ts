// What Linux counts for a process: processor time of all its threads, of each thread, and resident memory.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second (USER_HZ) for everybody. */
const TICKS_PER_SECOND = 100

function secondsIn(stat: string): number {
  // The command, in parentheses, may hold blanks: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** User and system seconds of the whole process, ended threads included; undefined when it is gone. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    return secondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return undefined
  }
}

export function threadCpuSeconds(pid: number): Map<string, number> {
  const threads = new Map<string, number>()
  try {
    for (const id of readdirSync(`/proc/${pid}/task`)) {
      threads.set(id, secondsIn(readFileSync(`/proc/${pid}/task/${id}/stat`, 'utf8')))
    }
  } catch {
    // A thread, or the process, ended while we looked.
  }
  return threads
}

function statusMb(pid: number, key: string): number {
  const kib = new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no ${key}`)
  return Number(kib) / 1024
}

export const residentMb = (pid: number): number => statusMb(pid, 'VmRSS')
export const peakResidentMb = (pid: number): number => statusMb(pid, 'VmHWM')

/** From now on the peak is that of what follows. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

export interface MachineSeconds {
  readonly idle: number
  /** Wanted by this machine, and taken by the host for others. */
  readonly stolen: number
}

/** Of all cores together, since the machine started. */
export function machineSeconds(): MachineSeconds {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/)
  const at = (field: number) => Number(fields[field]) / TICKS_PER_SECOND
  return { idle: at(4) + at(5), stolen: at(8) }
}
