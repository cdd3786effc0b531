// The matrix: every workload with its settings. `isQuick` ones serve every change, the others complete the picture.
import type { Cell } from './cell.ts'
import { type ClosedLoopSettings, ClosedLoopWorkload } from './workloads/closed-loop.ts'
import { CompactionWorkload, SEGMENTS, TIMES_EACH_KEY } from './workloads/compaction.ts'
import { IdleConnectionsWorkload } from './workloads/connections.ts'
import { type ConsumeSettings, ConsumeWorkload } from './workloads/consume.ts'
import { EndToEndWorkload } from './workloads/end-to-end.ts'
import { FloodWorkload } from './workloads/flood.ts'
import { MemoryWorkload } from './workloads/memory.ts'
import { PartitionsWorkload } from './workloads/partitions.ts'
import { type ProduceSettings, ProduceWorkload } from './workloads/produce.ts'
import { RebalanceWorkload } from './workloads/rebalance.ts'
import { type StartAfter, StartWorkload } from './workloads/start.ts'
import { TailWorkload } from './workloads/tail.ts'

const sizes: Readonly<Record<number, string>> = { 100: '100 B', 1024: '1 KiB', 65_536: '64 KiB' }

/** What the stock Java producer does when nobody says otherwise. */
const producerDefaults = { client: 'ProducerPerformance', 'batch.size': 16_384, 'linger.ms': 5 } as const

function produceCell(settings: ProduceSettings, isQuick = false): Cell {
  const { recordBytes, acks, partitions, compression = 'none', isFlushed, batchBytes } = settings
  const more = [
    compression === 'none' ? '' : compression,
    isFlushed ? 'flushed' : '',
    batchBytes ? `batch${batchBytes >> 10}k` : '',
  ]
  const name = ['produce', sizes[recordBytes]!.replaceAll(' ', ''), `acks-${acks}`, `p${partitions}`, ...more]
  return {
    name: name.filter(Boolean).join('-').toLowerCase(),
    what: `produce ${sizes[recordBytes]}, acks=${acks}, ${partitions} partition${partitions === 1 ? '' : 's'}${more
      .filter(Boolean)
      .map(each => `, ${each}`)
      .join('')}`,
    headline: 'mbPerSecond',
    isQuick,
    settings: {
      ...producerDefaults,
      ...(batchBytes === undefined ? {} : { 'batch.size': batchBytes }),
      acks,
      partitions,
      'record bytes': recordBytes,
      'compression.type': compression,
      'flush.messages': isFlushed ? 1 : 'never',
    },
    workload: () => new ProduceWorkload(settings),
  }
}

function* produceMatrix(): Generator<Cell> {
  for (const recordBytes of [100, 1024, 65_536]) {
    for (const acks of ['1', 'all'] as const) {
      for (const partitions of [1, 100]) {
        for (const compression of ['none', 'lz4', 'zstd'] as const) {
          const isQuick = recordBytes === 1024 && partitions === 1 && compression === 'none'
          yield produceCell({ recordBytes, acks, partitions, compression }, isQuick)
        }
      }
    }
  }
}

function floodCell(acks: '1' | 'all'): Cell {
  return {
    name: `produce-franz-go-acks-${acks}`,
    what: `produce 1 KiB, acks=${acks}, franz-go`,
    headline: 'mbPerSecond',
    settings: {
      client: 'franz-go, its own batches',
      linger: '10 ms',
      acks,
      partitions: 1,
      'record bytes': 1024,
    },
    workload: () => new FloodWorkload({ recordBytes: 1024, acks }),
  }
}

function consumeCell(
  client: ConsumeSettings['client'],
  from: ConsumeSettings['from'],
  isQuick = false,
): Cell {
  const settings = { client, from, totalBytes: 2 * 2 ** 30, batchBytes: 16_384, recordBytes: 1024 } as const
  return {
    name: `consume-${from.replace(' ', '-')}${client === 'franz-go' ? '-franz-go' : ''}`,
    what: `consume 1 KiB from the ${from}${client === 'franz-go' ? ', franz-go' : ''}`,
    headline: 'mbPerSecond',
    isQuick,
    settings: { client, from, GiB: 2, 'batch bytes': 16_384, 'record bytes': 1024, partitions: 1 },
    workload: () => new ConsumeWorkload(settings),
  }
}

function closedLoopCell(name: string, what: string, settings: ClosedLoopSettings, isQuick = false): Cell {
  const { client, producers, partitions, recordBytes, acks, isFlushed } = settings
  return {
    name,
    what,
    headline: 'requestsPerSecond',
    more: ['p99Ms'],
    isQuick,
    settings: {
      client,
      producers,
      partitions,
      acks,
      'record bytes': recordBytes,
      'records per batch': 1,
      'in flight each': 1,
      'flush.messages': isFlushed ? 1 : 'never',
    },
    workload: () => new ClosedLoopWorkload(settings),
  }
}

function smallCell(client: ClosedLoopSettings['client'], isQuick = false): Cell {
  const settings = { client, producers: 32, partitions: 1, recordBytes: 100, acks: '1' } as const
  const [name, what] = [`small-requests-${client}`, `small requests, 32 connections, ${client}`]
  return closedLoopCell(name, what, settings, isQuick)
}

function flushedCell(partitions: number): Cell {
  const settings = {
    client: 'franz-go',
    producers: 16,
    recordBytes: 1024,
    acks: 'all',
    isFlushed: true,
  } as const
  const what = `flush before each ack, 16 producers on ${partitions}`
  return closedLoopCell(`flushed-16-producers-p${partitions}`, what, { ...settings, partitions }, true)
}

function tailCell(recordsPerSecond: number, consumers: number, isQuick = false): Cell {
  const isLatency = consumers === 1 && recordsPerSecond !== 2000
  const settings = { recordsPerSecond, recordBytes: isLatency ? 100 : 1024, acks: '1', consumers } as const
  const rate = `${recordsPerSecond.toLocaleString('en')}/s`
  return {
    name: isLatency ? `latency-${recordsPerSecond}` : `tail-${consumers}-consumers`,
    what: isLatency
      ? `end to end at ${rate}`
      : `tail at ${rate}, ${consumers} consumer${consumers > 1 ? 's' : ''}`,
    headline: 'p50Ms',
    more: ['p99Ms', 'p999Ms', 'serverCores'],
    isQuick,
    settings: {
      client: 'franz-go, open loop',
      'linger.ms': 0,
      acks: '1',
      consumers,
      'record bytes': settings.recordBytes,
      'records/s': recordsPerSecond,
      partitions: 1,
    },
    workload: () => new TailWorkload(settings),
  }
}

const endToEndCell = (acks: '1' | 'all'): Cell => ({
  name: `end-to-end-acks-${acks}`,
  what: `one record at a time, there and back, acks=${acks}`,
  headline: 'roundTripMs',
  more: ['p999Ms', 'serverCores'],
  settings: { client: 'EndToEndLatency', acks, 'record bytes': 100, partitions: 1 },
  workload: () => new EndToEndWorkload({ recordBytes: 100, acks }),
})

function startCell(after: StartAfter, isQuick = false): Cell {
  return {
    name: after === 'kill -9' ? 'start-after-crash' : 'start-clean',
    what: `start after ${after === 'kill -9' ? 'kill -9 over 1 GiB unflushed' : after}`,
    headline: 'startMs',
    isQuick,
    isAlone: true,
    settings: { client: 'light, tries again every 2 ms', partitions: 4, after },
    workload: () => new StartWorkload(after),
  }
}

const memoryCell: Cell = {
  name: 'memory',
  what: 'memory at rest, and under produce 1 KiB',
  headline: 'restMb',
  more: ['peakMb'],
  isQuick: true,
  isAlone: true,
  settings: { ...producerDefaults, acks: '1', rest: '5 s after the start of the process' },
  workload: () => new MemoryWorkload(),
}

const idleCell = (connections: number): Cell => ({
  name: `idle-connections-${connections}`,
  what: `${connections.toLocaleString('en')} idle connections`,
  headline: 'idleConnectionKb',
  more: ['serverCores'],
  settings: { client: 'light', connections },
  workload: () => new IdleConnectionsWorkload(connections),
})

const partitionsCell = (partitions: number): Cell => ({
  name: `partitions-${partitions}`,
  what: `${partitions.toLocaleString('en')} partitions`,
  headline: 'createMs',
  more: ['partitionKb', 'serverCores', 'startMs', 'restMb'],
  rounds: 1,
  isAlone: true,
  settings: { client: 'light', partitions, 'partitions per topic': 10 },
  workload: () => new PartitionsWorkload(partitions),
})

const rebalanceCell: Cell = {
  name: 'rebalance',
  what: 'rebalance, 10 members, 100 partitions',
  headline: 'joinMs',
  more: ['leaveMs'],
  settings: {
    client: 'franz-go, cooperative-sticky',
    members: 10,
    partitions: 100,
    'heartbeat.interval.ms': 100,
  },
  workload: () => new RebalanceWorkload({ members: 10, partitions: 100 }),
}

function compactionCell(recordBytes: number, totalBytes: number): Cell {
  const size = sizes[recordBytes]!
  const servers = { 'log.cleaner.backoff.ms': '100' }
  return {
    name: `compaction-${size.replaceAll(' ', '').toLowerCase()}`,
    what: `compact ${totalBytes >> 20} MiB, ${size}, each key ${TIMES_EACH_KEY} times`,
    headline: 'compactMs',
    isAlone: true,
    servers,
    settings: {
      client: 'light',
      MiB: totalBytes >> 20,
      'record bytes': recordBytes,
      segments: SEGMENTS,
      ...servers,
    },
    workload: () => new CompactionWorkload({ recordBytes, totalBytes }),
  }
}

export const cells: readonly Cell[] = [
  ...produceMatrix(),
  floodCell('1'),
  floodCell('all'),
  consumeCell('ConsumerPerformance', 'page cache', true),
  consumeCell('franz-go', 'page cache'),
  consumeCell('ConsumerPerformance', 'disk'),
  smallCell('light', true),
  smallCell('franz-go'),
  flushedCell(1),
  flushedCell(16),
  tailCell(1000, 1),
  tailCell(10_000, 1, true),
  ...[1, 10, 100].map(consumers => tailCell(2000, consumers)),
  endToEndCell('1'),
  endToEndCell('all'),
  startCell('clean shutdown', true),
  startCell('kill -9', true),
  memoryCell,
  idleCell(100),
  idleCell(1000),
  partitionsCell(1000),
  partitionsCell(10_000),
  rebalanceCell,
  compactionCell(1024, 2 ** 30),
  compactionCell(100, 2 ** 28),
]
