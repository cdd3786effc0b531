// Every command but start, with its help, by commander. Loaded only when one of them is asked for.
import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { gatherSettings } from './settings.ts'
import { VERSION } from './version.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

export function program(): Command {
  const odradek = new Command('odradek')
    .description('A Kafka broker in TypeScript.')
    .version(VERSION, '-v, --version')
    .showHelpAfterError()
  const repeat = (value: string, before: string[]): string[] => [...before, value]

  odradek
    .command('start', { isDefault: true })
    .description('start a broker (the default command)')
    .option('-c, --config <file>', 'a server.properties; without it, a single node with data in ./data')
    .option('-s, --set <key=value>', 'a setting; stronger than file and KAFKA_* variables', repeat, [])

  odradek
    .command('format')
    .description('give the log directories a cluster id and this node’s id, without starting')
    .option('-c, --config <file>', 'a server.properties')
    .option('-s, --set <key=value>', 'a setting', repeat, [])
    .option('-t, --cluster-id <id>', '22 characters of base64url; random when left out')
    .option('-r, --release-version <version>', 'begin with the metadata.version of this release, such as 4.1')
    .option('-f, --feature <name=level>', 'begin with this level of a feature', repeat, [])
    .option('-g, --ignore-formatted', 'pass over directories that are formatted already')
    .action(
      async (options: {
        config?: string
        set: string[]
        clusterId?: string
        releaseVersion?: string
        feature: string[]
        ignoreFormatted?: boolean
      }) => {
        const { format } = await import('./format.ts')
        const config = await gatherSettings({ ...options, environment: process.env })
        for (const line of format(config, options)) print(line)
      },
    )

  odradek
    .command('random-uuid')
    .description('print a new cluster id')
    .action(async () => {
      const [{ randomUuid }, { randomBytes }] = await Promise.all([
        import('../protocol/uuid.ts'),
        import('node:crypto'),
      ])
      print(randomUuid(randomBytes))
    })

  odradek
    .command('dump-log')
    .description('print segments, indexes and producer snapshots: files, or directories of partitions')
    .argument('<path...>')
    .option('-r, --records', 'also the records inside the batches')
    .option('-V, --values', 'keys and values as text, not only their sizes (with --records)')
    .addOption(
      new Option('-d, --decode <what>', 'read records as what a coordinator wrote').choices([
        'offsets',
        'transactions',
      ]),
    )
    .action(async (paths: string[], options: { records?: boolean; values?: boolean; decode?: 'offsets' }) => {
      const { dumpLog } = await import('./dump/dump-log.ts')
      const records = options.records || options.decode !== undefined
      for (const line of dumpLog(paths, { ...options, records })) print(line)
    })

  odradek
    .command('dump-metadata')
    .description('print the metadata log or a snapshot of it: .log and .checkpoint files, or their directory')
    .argument('<path...>')
    .action(async (paths: string[]) => {
      const { dumpMetadata } = await import('../broker/metadata/dump.ts')
      const { metadataFilesOf } = await import('./dump/metadata-files.ts')
      for (const path of paths.flatMap(metadataFilesOf)) {
        print(`${path}:`)
        for (const line of dumpMetadata(readFileSync(path))) print(line)
      }
    })
  return odradek
}
