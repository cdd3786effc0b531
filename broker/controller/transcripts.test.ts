// Transcripts: what the controller was asked, every record it wrote, and what it answered. Lines up to `----` are commands, # is a
// remark. REWRITE=1 writes what is said now; read the diff.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ControllerHarness } from './testing/controller-harness.ts'

const folder = join(import.meta.dirname, 'testdata')

async function play(story: string): Promise<string> {
  const harness = new ControllerHarness()
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
