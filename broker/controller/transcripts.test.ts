// What the controller was asked, every record it wrote, and what it answered.
import { join } from 'node:path'
import { testTranscripts } from '../testing/transcripts.ts'
import { ControllerHarness } from './testing/controller-harness.ts'

testTranscripts(join(import.meta.dirname, 'testdata'), () => new ControllerHarness())
