/**
 * Starts one broker for one test of a foreign runner: `launch <odradek|kafka> <settings as JSON>` prints its address on a line, and
 * stops it when standard input ends.
 */
import { type Server, startServer } from '../brokers.ts'
import { kafkaTestsSettings } from './settings.ts'

const [server, settings] = process.argv.slice(2)
const given = JSON.parse(settings!) as Record<string, string>
const broker = await startServer(server as Server, { ...kafkaTestsSettings, ...given })
console.log(broker.bootstrap)
for await (const _ of process.stdin);
await broker.dispose()
