#!/usr/bin/env node
// The odradek command. Starting a broker is what it is for and what must be quick: everything else, the help included,
// is loaded only when asked for.
import module from 'node:module'

const OTHERS = ['format', 'random-uuid', 'dump-log', 'dump-metadata', 'help']

async function main(args: readonly string[]): Promise<number> {
  const [first] = args
  const isOther =
    first !== undefined &&
    (OTHERS.includes(first) || ['-h', '--help', '-v', '--version'].some(flag => args.includes(flag)))
  if (isOther) {
    const { program } = await import('./commands.ts')
    await program().parseAsync([...args], { from: 'user' })
    return 0
  }
  // Node 22 and later keep what they have compiled; the next start is quicker.
  module.enableCompileCache?.()
  const { openBroker, start } = await import('./start-broker.ts')
  const code = await start(first === 'start' ? args.slice(1) : args, openBroker)
  // Nothing may keep a stopped broker's process alive.
  process.exit(code)
}

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code
  },
  (error: NodeJS.ErrnoException) => {
    process.stderr.write(`odradek: ${error.message}\n`)
    process.exitCode = error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1
  },
)
