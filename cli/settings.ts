// Settings of a start, gathered: profile or file, environment, --set. The file is read here because the broker's rooms
// never touch the file system by themselves.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BrokerConfig } from '../broker/config/broker-config.ts'
import {
  type ConfigSource,
  SINGLE_NODE_PROFILE,
  fromAssignments,
  fromEnvironment,
} from '../broker/config/sources.ts'

export interface SettingOptions {
  /** Path of a server.properties. */
  readonly config?: string | undefined
  /** key=value, strongest of all. */
  readonly set?: readonly string[] | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Where data goes when nothing says otherwise. */
const DEFAULT_DATA: ConfigSource = { name: 'default', entries: new Map([['log.dirs', 'data']]) }

/** Throws InvalidSettings, or an error with code ENOENT. */
export async function gatherSettings(options: SettingOptions): Promise<BrokerConfig> {
  const sources: ConfigSource[] = []
  if (options.config === undefined) sources.push(SINGLE_NODE_PROFILE, DEFAULT_DATA)
  else {
    const { fromProperties } = await import('../broker/config/properties.ts')
    sources.push(fromProperties(options.config, readFileSync(options.config, 'latin1')))
  }
  sources.push(fromEnvironment(options.environment), fromAssignments(options.set ?? []))
  return new BrokerConfig(sources.map(withAbsoluteDirectories))
}

/** Relative directories are relative to where the command was given, and stay there. */
function withAbsoluteDirectories(source: ConfigSource): ConfigSource {
  const entries = new Map(source.entries)
  for (const name of ['log.dir', 'log.dirs', 'metadata.log.dir']) {
    const text = entries.get(name)
    if (text !== undefined)
      entries.set(
        name,
        text
          .split(',')
          .map(directory => (directory.trim() === '' ? '' : resolve(directory.trim())))
          .join(','),
      )
  }
  return { name: source.name, entries }
}
