// node dist/compat-tests/golden/capture.js: records the frames in protocol/fixtures/golden from stock clients that talk to
// Apache Kafka, both pinned releases, and from our own encoder asking every version. One file per API.
//
// The broker-to-controller connections of the combined node go through a proxy too.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apis } from '../../protocol/apis/index.ts'
import { startServer } from '../brokers.ts'
import { pins, root } from '../toolchain.ts'
import { askApiVersions, askEveryVersion } from './every-version.ts'
import { openSettings, programsOf, runJava } from './java.ts'
import { nodeClients } from './node-clients.ts'
import { type Frame, Proxy, Recorder } from './recorder.ts'

const folder = join(root, 'protocol/fixtures/golden')

const recorder = new Recorder()
await recordRelease(pins.reference)
await recordRelease(pins.elder)
write(recorder.frames)

async function recordRelease(release: string): Promise<void> {
  const proxy = new Proxy(recorder, `kafka ${release}`)
  const controllerProxy = new Proxy(recorder, `kafka ${release}`)
  controllerProxy.client = `kafka ${release} broker`
  const controllerListener = new Proxy(recorder, `controller of kafka ${release}`)
  controllerListener.client = 'odradek'
  const [port, controllerPort, askedPort] = await Promise.all(
    [proxy, controllerProxy, controllerListener].map(one => one.listen()),
  )
  const broker = await startServer(
    'kafka',
    ports => {
      controllerProxy.upstream = ports.controller
      controllerListener.upstream = ports.controller
      return {
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
        'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
        'broker.heartbeat.interval.ms': '500',
        ...openSettings(release),
      }
    },
    { release },
  )
  try {
    proxy.upstream = Number(broker.bootstrap.split(':')[1])
    proxy.client = 'odradek'
    await askApiVersions(askedPort!)
    for (const problem of await askEveryVersion(port!)) console.log(`every version, ${release}: ${problem}`)
    for (const [name, run] of [...javaClients(release), ...nodeClients]) {
      proxy.client = name
      const outcome = await run(`127.0.0.1:${port}`).then(
        text => text,
        error => `failed: ${String(error)}`,
      )
      console.log(`${name} against ${release}: ${outcome}`)
    }
  } finally {
    await broker.dispose()
    proxy.close()
    controllerProxy.close()
    controllerListener.close()
  }
}

type Client = [name: string, run: (bootstrap: string) => Promise<string>]

function javaClients(release: string): Client[] {
  return programsOf(release).map(program => [
    `java ${release}`,
    bootstrap => runJava(release, program, bootstrap),
  ])
}

/** Answers of one broker are alike, whoever asked; requests of one client are alike, whoever was asked. */
function write(frames: readonly Frame[]): void {
  mkdirSync(folder, { recursive: true })
  for (const old of readdirSync(folder)) rmSync(join(folder, old))
  for (const api of apis) {
    const rows = frames
      .filter(frame => frame.key === api.key && frame.bytes.length <= 6000)
      .sort((a, b) => a.version - b.version || (a.kind + a.from).localeCompare(b.kind + b.from))
      .map(({ version, kind, from, bytes }) =>
        JSON.stringify({ version, kind, from, hex: bytes.toString('hex') }),
      )
    if (rows.length === 0) continue
    const name = `${String(api.key).padStart(2, '0')}-${api.name}.json`
    writeFileSync(join(folder, name), `[\n${rows.join(',\n')}\n]\n`)
  }
}
