import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { SharedReads } from './shared-reads.ts'

async function served(onSocket: (socket: Socket) => void) {
  const server = createServer({ noDelay: true }, onSocket)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

test('an adopted socket reads into one buffer, writes, ends, and is counted by its server', async () => {
  const reads = new SharedReads()
  const memory = new Set<ArrayBufferLike>()
  const adopted: Socket[] = []
  const { server, port } = await served(accepted => {
    const socket = reads.adopt(accepted)
    expect(socket).not.toBe(accepted)
    adopted.push(socket)
    socket.on('data', (chunk: Buffer) => {
      memory.add(chunk.buffer)
      socket.write(Buffer.from(chunk))
    })
    socket.on('end', () => socket.end())
  })
  const payload = Buffer.alloc(1_000_000, 'odradek')
  const echoes = await Promise.all(
    [1, 2].map(async () => {
      const client = connect(port, '127.0.0.1')
      const parts: Buffer[] = []
      client.on('data', part => parts.push(part))
      client.end(payload)
      await once(client, 'close')
      return Buffer.concat(parts)
    }),
  )
  for (const echo of echoes) expect(echo.equals(payload)).toBe(true)
  expect(memory.size).toBe(1)
  expect(adopted[0]!.remoteAddress === undefined || adopted[0]!.remoteAddress === '127.0.0.1').toBe(true)
  const closed = once(server, 'close')
  server.close()
  await closed
})

test('a paused one reads nothing until it is resumed', async () => {
  const reads = new SharedReads()
  let received = ''
  const adopted: Socket[] = []
  const { server, port } = await served(accepted => {
    const socket = reads.adopt(accepted)
    adopted.push(socket)
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString()
      socket.pause()
      socket.write('!')
    })
  })
  const client = connect(port, '127.0.0.1')
  client.write('one')
  await once(client, 'data')
  client.write('two')
  // The answer to what was not read cannot have come: a second connection proves that time has passed.
  const other = connect(port, '127.0.0.1')
  const first = adopted[0]!
  await once(other, 'connect')
  expect(received).toBe('one')
  const answered = once(client, 'data')
  first.resume()
  await answered
  expect(received).toBe('onetwo')
  // Paused again, it would not notice that its peer leaves.
  first.destroy()
  client.destroy()
  other.destroy()
  await new Promise(resolve => server.close(resolve))
})

test('the peer going away is told as ever, and destroying it closes the connection', async () => {
  const reads = new SharedReads()
  const events: string[] = []
  let adopted: Socket | undefined
  const { server, port } = await served(accepted => {
    adopted = reads.adopt(accepted)
    adopted.on('data', () => adopted!.destroy())
    adopted.on('error', error => events.push((error as NodeJS.ErrnoException).code!))
    adopted.on('close', () => events.push('close'))
  })
  const client = connect(port, '127.0.0.1')
  client.write('x')
  await once(client, 'close')
  expect(events).toEqual(['close'])
  const rude = connect(port, '127.0.0.1')
  await once(rude, 'connect')
  rude.resetAndDestroy()
  await new Promise(resolve => server.close(resolve))
  expect(['close', 'ECONNRESET']).toContain(events[1])
})

test('a socket that has read already stays as it is', async () => {
  const reads = new SharedReads()
  const { server, port } = await served(accepted => {
    accepted.once('readable', () => {
      expect(reads.adopt(accepted)).toBe(accepted)
      accepted.end(accepted.read())
    })
  })
  const client = connect(port, '127.0.0.1')
  client.write('early')
  const [echo] = (await once(client, 'data')) as [Buffer]
  expect(echo.toString()).toBe('early')
  client.destroy()
  await new Promise(resolve => server.close(resolve))
})
