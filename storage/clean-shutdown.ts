// `.kafka_cleanshutdown` in a log directory: the last stop flushed everything, so the next start scans nothing.
// Taken away as soon as it is read: a crash while loading is no clean stop. It also carries the broker epoch, by which
// a restarted broker proves that its last stop was clean (KIP-966). Answers to Kafka's CleanShutdownFileHandler.
import { type FileSystem, hasCode } from './fs/port.ts'

const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown'

export interface CleanShutdown {
  /** Undefined when the file is there but does not say (Kafka before 3.7 left it empty). */
  readonly brokerEpoch: number | undefined
}

export function writeCleanShutdown(fs: FileSystem, directory: string, brokerEpoch: number): void {
  fs.writeFileAtomic(pathIn(directory), Buffer.from(JSON.stringify({ version: 0, brokerEpoch })))
}

export function readCleanShutdown(fs: FileSystem, directory: string): CleanShutdown | undefined {
  let text: string
  try {
    text = fs.readFile(pathIn(directory)).toString('utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  try {
    const epoch: unknown = (JSON.parse(text) as { brokerEpoch?: unknown } | null)?.brokerEpoch
    return { brokerEpoch: typeof epoch === 'number' ? epoch : undefined }
  } catch {
    return { brokerEpoch: undefined }
  }
}

/** Reads and removes, durably: whatever happens from here on is not a clean stop until the next one. */
export function takeCleanShutdown(fs: FileSystem, directory: string): CleanShutdown | undefined {
  const found = readCleanShutdown(fs, directory)
  if (found === undefined) return undefined
  fs.unlink(pathIn(directory))
  fs.syncDir(directory)
  return found
}

function pathIn(directory: string): string {
  return `${directory}/${CLEAN_SHUTDOWN_FILE}`
}
