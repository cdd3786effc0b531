/** Reads the JUnit XML that pytest, Surefire and others write: one row a test case. */
import type { ForeignResult } from './suite.ts'

const attribute = (text: string, name: string): string =>
  unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? '')

function unescape(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (_, code?: string, name?: string) =>
    code ? String.fromCodePoint(Number(code)) : (named[name!] ?? ''),
  )
}

export function junitResults(xml: string): ForeignResult[] {
  const cases = xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)
  return [...cases].map(([, attributes, body = '']) => {
    const name = `${attribute(attributes!, 'classname')}.${attribute(attributes!, 'name')}`
    const verdict = /<(failure|error|skipped)\b([^>]*)/.exec(body)
    if (!verdict) return { name, result: 'passed' as const }
    const reason = attribute(verdict[2]!, 'message').split('\n')[0]!.slice(0, 300)
    return { name, result: verdict[1] === 'skipped' ? ('skipped' as const) : ('failed' as const), reason }
  })
}
