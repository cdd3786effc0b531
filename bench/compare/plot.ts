// node dist/bench/compare/plot.js: draws the results as one SVG, bench/results/compare.svg. A row for each cell; its bar goes right as far as
// Odradek is ahead and left as far as Kafka is (a logarithmic axis), the thin one below it is the pinned run.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measures } from './cell.ts'
import { cells } from './cells.ts'
import { readResults, type Result, resultsDir } from './results.ts'
import { medianOf, ratioOf } from './statistics.ts'

const ROW = 26
const LEFT = 330
const WIDTH = 420
const TOP = 50
/** The axis ends here, and bars that go further are cut. */
const MOST = 32

const x = (ahead: number) =>
  LEFT + WIDTH / 2 + (Math.log2(Math.min(MOST, Math.max(1 / MOST, ahead))) / Math.log2(MOST)) * (WIDTH / 2)
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Above 1 where Odradek is ahead, whichever direction the measure has. */
function ahead(result: Result): number | undefined {
  const ratio = ratioOf(result, result.headline)
  if (ratio === undefined || Number.isNaN(ratio)) return undefined
  return measures[result.headline].better === 'higher' ? ratio : 1 / ratio
}

function bar(result: Result | undefined, y: number, height: number): string {
  const factor = result && ahead(result)
  if (factor === undefined) return ''
  const [from, to] = [x(1), x(factor)].toSorted((a, b) => a - b) as [number, number]
  const color = factor >= 1 ? '#2a7f62' : '#b5483a'
  return `<rect x="${from.toFixed(1)}" y="${y}" width="${(to - from).toFixed(1)}" height="${height}" fill="${color}"/>`
}

function row(result: Result, pinned: Result | undefined, index: number): string {
  const y = TOP + index * ROW
  const { title, digits } = measures[result.headline]
  const value = (server: 'odradek' | 'kafka') =>
    medianOf(result, server, result.headline)?.toFixed(digits) ?? '–'
  const label = `${value('odradek')} : ${value('kafka')} ${title}`
  return [
    `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(result.what)}</text>`,
    bar(result, y + 2, 12),
    bar(pinned, y + 16, 4),
    `<text x="${LEFT + WIDTH + 8}" y="${y + 13}">${escaped(label)}</text>`,
  ].join('\n')
}

function drawing(results: readonly Result[]): string {
  const rows = cells.flatMap(({ name }) => results.filter(({ cell, isPinned }) => cell === name && !isPinned))
  const pinned = (name: string) => results.find(({ cell, isPinned }) => cell === name && isPinned)
  const height = TOP + rows.length * ROW + 10
  const lines = [1 / 16, 1 / 4, 1, 4, 16].map(factor => {
    const at = x(factor).toFixed(1)
    const text = factor === 1 ? 'equal' : factor > 1 ? `${factor}× ahead` : `${1 / factor}× behind`
    return `<line x1="${at}" x2="${at}" y1="${TOP - 8}" y2="${height - 10}" stroke="#bbb"/><text x="${at}" y="${TOP - 14}" text-anchor="middle">${text}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 230}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="8" y="18" font-size="14">Odradek : Apache Kafka ${results[0]!.machine.kafka}, medians (thin: pinned to a core each)</text>
${lines.join('\n')}
${rows.map((result, index) => row(result, pinned(result.cell), index)).join('\n')}
</svg>
`
}

const results = readResults(process.argv[2] ?? resultsDir)
if (results.length === 0) throw new Error('no results to draw')
writeFileSync(join(process.argv[2] ?? resultsDir, 'compare.svg'), drawing(results))
