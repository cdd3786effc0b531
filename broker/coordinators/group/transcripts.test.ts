// Transcripts: what was asked, and everything that was said. Each file of testdata/ is a story to read aloud; lines up to
// `----` are commands (the last one's answer follows), # is a remark. REWRITE=1 writes what is said now; read the diff.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GroupHarness } from './testing.ts'

const folder = join(import.meta.dirname, 'testdata')

async function play(story: string): Promise<string> {
  const harness = new GroupHarness()
  const out: string[] = []
  let answering = false
  for (const line of story.split('\n')) {
    if (line === '' || line.startsWith('#')) {
      answering = false
      out.push(line)
    } else if (line === '----') answering = true
    else if (!answering) {
      out.push(line, '----', ...(await harness.run(line)))
      answering = true
    }
  }
  return `${out.join('\n').trimEnd()}\n`
}

for (const file of readdirSync(folder)) {
  test(`transcript ${file}`, async () => {
    const path = join(folder, file)
    const story = readFileSync(path, 'utf8')
    const played = await play(story)
    if (process.env.REWRITE === '1') writeFileSync(path, played)
    else expect(played).toBe(story)
  })
}
