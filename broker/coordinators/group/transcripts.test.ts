// What members of a group asked, and everything that the coordinator said, logged and wrote.
import { join } from 'node:path'
import { testTranscripts } from '../../testing/transcripts.ts'
import { GroupHarness } from './testing.ts'

testTranscripts(join(import.meta.dirname, 'testdata'), () => new GroupHarness())
