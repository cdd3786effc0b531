// Transcripts: what was asked, and everything that was said. Each file of a testdata/ folder is a story to read aloud: lines up to `----`
// are commands (the last one's answer follows), # is a remark. REWRITE=1 writes what is said now; read the diff.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** Someone who can be spoken to in lines. */
export interface Harness {
  run(line: string): Promise<string[]>
}

/** One test for every file of the folder, each with a harness of its own. */
export function testTranscripts(folder: string, newHarness: () => Harness): void {
  for (const file of readdirSync(folder)) {
    test(`transcript ${file}`, async () => {
      const path = join(folder, file)
      const story = readFileSync(path, 'utf8')
      const played = await play(story, newHarness())
      if (process.env.REWRITE === '1') writeFileSync(path, played)
      else expect(played).toBe(story)
    })
  }
}

async function play(story: string, harness: Harness): Promise<string> {
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
