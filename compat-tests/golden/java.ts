// The two Java programs of this folder, and the settings under which a broker lets them do everything.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { kafkaJars, pins, root } from '../toolchain.ts'

/** What the newer release's client can do besides is a program of its own. */
export const programsOf = (release: string): string[] =>
  release === pins.reference ? ['EveryCall', 'ShareCalls'] : ['EveryCall']

export const openSettings = (release: string): Record<string, string> => ({
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
  'delegation.token.secret.key': 'golden',
  'group.coordinator.rebalance.protocols':
    release === pins.reference ? 'classic,consumer,share,streams' : 'classic,consumer',
})

/** What the program printed: one line per call. */
export function runJava(release: string, program: string, bootstrap: string): Promise<string> {
  const source = join(root, 'compat-tests/golden', `${program}.java`)
  return new Promise(resolve => {
    const args = ['-Xmx256m', '-cp', kafkaJars(release), source, bootstrap]
    execFile('java', args, { timeout: 240_000 }, (error, stdout) =>
      resolve(`${error === null ? '' : error.message}\n${stdout}`),
    )
  })
}
