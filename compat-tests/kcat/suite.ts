/** kcat (librdkafka, a C client of 2023) as Debian ships it: the other large client family, on its own versions. */
import { spawnSync } from 'node:child_process'
import { type CheckContext, expectEqual, expectMatch, type Suite } from '../suite.ts'
import { kcat } from '../toolchain.ts'

function run(context: CheckContext, args: string[], input?: string): string {
  const ran = spawnSync(kcat(), ['-b', context.broker.bootstrap, '-q', ...args], {
    encoding: 'utf8',
    input: input ?? '',
    timeout: 30_000,
    maxBuffer: 64 << 20,
  })
  if (ran.status !== 0) throw new Error(`kcat ${args.join(' ')} ended with ${ran.status}: ${ran.stderr}`)
  return ran.stdout
}

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line-${i}`)
const text = (all: readonly string[]) => all.map(line => `${line}\n`).join('')

export const kcatSuite: Suite = {
  name: 'kcat',
  title: 'kcat 1.7.1 with librdkafka 2.0.2',
  isInCi: true,
  settings: { 'num.partitions': '4' },
  prepare: () => void kcat(),
  checks: [
    {
      name: 'lists metadata as JSON',
      run(context) {
        const metadata = JSON.parse(run(context, ['-L', '-J'])) as { brokers: { id: number; name: string }[] }
        expectEqual(metadata.brokers, [{ id: 1, name: context.broker.bootstrap }], 'brokers')
      },
    },
    ...(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const).map(codec => ({
      name: `produces and consumes, ${codec}`,
      run(context: CheckContext) {
        const topic = context.topic()
        run(context, ['-P', '-t', topic, '-p', '0', '-z', codec], text(lines(2000)))
        expectEqual(run(context, ['-C', '-t', topic, '-p', '0', '-e']), text(lines(2000)), 'records')
      },
    })),
    {
      name: 'keys, headers, an empty and a null value',
      run(context) {
        const topic = context.topic()
        run(context, ['-P', '-t', topic, '-p', '1', '-K:', '-Z', '-H', 'trace=7'], 'a:1\nb:\n')
        const got = run(context, ['-C', '-t', topic, '-p', '1', '-e', '-f', '%o %k %S %h\n'])
        expectEqual(got, '0 a 1 trace=7\n1 b -1 trace=7\n', 'records')
      },
    },
    {
      name: 'offsets by time and from the end',
      run(context) {
        const topic = context.topic()
        run(context, ['-P', '-t', topic, '-p', '0'], text(lines(100)))
        expectMatch(run(context, ['-Q', '-t', `${topic}:0:-1`]), /offset 100/, 'end')
        expectEqual(
          run(context, ['-C', '-t', topic, '-p', '0', '-o', '-5', '-e']),
          text(lines(100).slice(95)),
          'last five',
        )
        expectEqual(
          run(context, ['-C', '-t', topic, '-p', '0', '-o', 's@0', '-c', '3']),
          text(lines(3)),
          'from time 0',
        )
      },
    },
    {
      name: 'an idempotent producer',
      run(context) {
        const topic = context.topic()
        run(context, ['-P', '-t', topic, '-p', '0', '-X', 'enable.idempotence=true'], text(lines(5000)))
        expectEqual(run(context, ['-C', '-t', topic, '-p', '0', '-e']), text(lines(5000)), 'records')
      },
    },
    {
      name: 'a balanced group reads all partitions and finds its place again',
      run(context) {
        const topic = context.topic()
        for (const p of ['0', '1', '2', '3']) run(context, ['-P', '-t', topic, '-p', p], text(lines(25)))
        const options = ['-X', 'auto.offset.reset=earliest', '-X', 'session.timeout.ms=6000']
        const first = run(context, [...options, '-c', '60', '-G', `${topic}-group`, topic])
        const second = run(context, [...options, '-c', '40', '-G', `${topic}-group`, topic])
        const all = `${first}${second}`.trim().split('\n').sort()
        expectEqual(all, [...lines(25), ...lines(25), ...lines(25), ...lines(25)].sort(), 'each record once')
      },
    },
  ],
}
