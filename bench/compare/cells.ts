// The matrix: every workload with its settings. `isQuick` ones serve every change, the others complete the picture.
import type { Cell } from './cell.ts'
import { type ProduceSettings, ProduceWorkload } from './workloads/produce.ts'

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

export const cells: readonly Cell[] = [...produceMatrix()]
