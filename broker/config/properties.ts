// server.properties: the grammar of java.util.Properties (continuations, \u escapes, `=`, `:` or blanks between key and
// value), read by dot-properties. A module of its own, so that a start without a file does not load the parser.
import { parseLines } from 'dot-properties'
import type { ConfigSource } from './sources.ts'

export function fromProperties(name: string, text: string): ConfigSource {
  const entries = new Map<string, string>()
  for (const line of parseLines(text)) if (Array.isArray(line)) entries.set(line[0]!, line[1] ?? '')
  return { name, entries }
}
