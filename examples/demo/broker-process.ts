// The broker of the demo: the real command in a process of its own, so that it can be stopped and started again.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../bin/main.js', import.meta.url))

export class BrokerProcess {
  readonly address: string
  readonly #args: readonly string[]
  #child: ChildProcess | undefined

  private constructor(port: number, dataDirectory: string) {
    this.address = `127.0.0.1:${port}`
    const settings = {
      listeners: `PLAINTEXT://${this.address}`,
      'log.dirs': dataDirectory,
      'odradek.metrics.listener': '',
      'odradek.log.level': 'warn',
    }
    this.#args = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  }

  static async on(dataDirectory: string): Promise<BrokerProcess> {
    return new BrokerProcess(await freePort(), dataDirectory)
  }

  /** Resolves with what it said when it was ready. */
  start(): Promise<string> {
    const child = spawn(process.execPath, [MAIN, ...this.#args], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    return new Promise((resolve, reject) => {
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('\n  metrics')) resolve(said)
      })
      child.once('exit', code => reject(new Error(`the broker ended with exit code ${code}`)))
    })
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
