/**
 * Apache Kafka's own command line programs, from the reference's jars, unmodified: what an operator types, and what the
 * Java clients inside them do on the wire. DumpLogSegments then reads the files that the broker wrote.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CheckContext, expectEqual, expectMatch, type Suite } from '../suite.ts'
import { kafkaJars, pins } from '../toolchain.ts'

const programs = {
  topics: 'org.apache.kafka.tools.TopicCommand',
  configs: 'kafka.admin.ConfigCommand',
  groups: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  offsets: 'org.apache.kafka.tools.GetOffsetShell',
  deleteRecords: 'org.apache.kafka.tools.DeleteRecordsCommand',
  logDirs: 'org.apache.kafka.tools.LogDirsCommand',
  apiVersions: 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  features: 'org.apache.kafka.tools.FeatureCommand',
  cluster: 'org.apache.kafka.tools.ClusterTool',
  quorum: 'org.apache.kafka.tools.MetadataQuorumCommand',
  produce: 'org.apache.kafka.tools.ConsoleProducer',
  consume: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  compatibility: 'org.apache.kafka.tools.ClientCompatibilityTest',
  verifiableProducer: 'org.apache.kafka.tools.VerifiableProducer',
  verifiableConsumer: 'org.apache.kafka.tools.VerifiableConsumer',
  producerPerformance: 'org.apache.kafka.tools.ProducerPerformance',
  dumpLog: 'org.apache.kafka.tools.DumpLogSegments',
} as const

interface Ran {
  /** Both streams; `stdout` alone is what the program means as its result. */
  readonly out: string
  readonly stdout: string
  readonly status: number | null
}

function java(program: keyof typeof programs, args: string[], input = '', timeoutMs = 60_000): Ran {
  const jvm = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', kafkaJars(pins.reference)]
  const ran = spawnSync('java', [...jvm, programs[program], ...args], {
    encoding: 'utf8',
    input,
    timeout: timeoutMs,
    maxBuffer: 64 << 20,
  })
  return { out: `${ran.stdout}${ran.stderr}`, stdout: ran.stdout, status: ran.status }
}

const at = (context: CheckContext, ...args: string[]) => [
  '--bootstrap-server',
  context.broker.bootstrap,
  ...args,
]

const atController = (context: CheckContext, ...args: string[]) => [
  '--bootstrap-controller',
  context.broker.bootstrapController,
  ...args,
]

function must(ran: Ran, what: string): string {
  if (ran.status !== 0) throw new Error(`${what} ended with ${ran.status}:\n${ran.out.slice(0, 3000)}`)
  return ran.out
}

function createTopic(context: CheckContext, topic: string, ...args: string[]): void {
  must(java('topics', at(context, '--create', '--topic', topic, ...args)), 'kafka-topics --create')
}

function produce(context: CheckContext, topic: string, lines: readonly string[], ...args: string[]): void {
  must(
    java('produce', at(context, '--topic', topic, ...args), lines.map(l => `${l}\n`).join('')),
    'console producer',
  )
}

function consume(context: CheckContext, topic: string, count: number, ...args: string[]): string[] {
  const limits = ['--max-messages', String(count), '--timeout-ms', '20000']
  const ran = java('consume', at(context, '--topic', topic, '--from-beginning', ...limits, ...args))
  must(ran, 'console consumer')
  return ran.stdout
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('The consumer rebalance protocol'))
}

function scratchFile(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'compat-')), name)
  writeFileSync(file, text)
  return file
}

const lines = (count: number) => Array.from({ length: count }, (_, i) => `record-${i}`)

export const kafkaCli: Suite = {
  name: 'kafka-cli',
  title: `Apache Kafka ${pins.reference} command line programs`,
  isInCi: true,
  prepare: () => void kafkaJars(pins.reference),
  checks: [
    {
      name: 'kafka-broker-api-versions lists the broker',
      run(context) {
        const out = must(java('apiVersions', at(context)), 'kafka-broker-api-versions')
        expectMatch(out, /Produce\(0\): 0 to \d+/, 'Produce range')
        expectMatch(out, /ApiVersions\(18\): 0 to \d/, 'ApiVersions range')
      },
    },
    {
      name: 'kafka-topics creates, describes, alters, lists and deletes',
      run(context) {
        const topic = context.topic()
        createTopic(
          context,
          topic,
          '--partitions',
          '3',
          '--replication-factor',
          '1',
          '--config',
          'retention.ms=60000',
        )
        const described = must(java('topics', at(context, '--describe', '--topic', topic)), '--describe')
        expectMatch(
          described,
          /PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=60000/,
          'describe',
        )
        expectMatch(described, /Partition: 2\s+Leader: 1\s+Replicas: 1\s+Isr: 1/, 'partition 2')
        must(java('topics', at(context, '--alter', '--topic', topic, '--partitions', '5')), '--alter')
        expectMatch(
          must(java('topics', at(context, '--describe', '--topic', topic)), '--describe'),
          /PartitionCount: 5/,
          'after',
        )
        expectMatch(
          must(java('topics', at(context, '--list')), '--list'),
          new RegExp(`^${topic}$`, 'm'),
          'list',
        )
        must(java('topics', at(context, '--delete', '--topic', topic)), '--delete')
        expectEqual(
          must(java('topics', at(context, '--list')), '--list')
            .split('\n')
            .includes(topic),
          false,
          'deleted',
        )
      },
    },
    {
      name: 'kafka-topics reports an existing topic, an invalid name and too many replicas',
      run(context) {
        const topic = context.topic()
        createTopic(context, topic)
        expectMatch(
          java('topics', at(context, '--create', '--topic', topic)).out,
          /already exists/,
          'existing',
        )
        expectMatch(
          java('topics', at(context, '--create', '--topic', 'no/slash')).out,
          /invalid|illegal/i,
          'name',
        )
        const wide = java(
          'topics',
          at(context, '--create', '--topic', `${topic}-wide`, '--replication-factor', '3'),
        )
        expectMatch(wide.out, /replication factor|InvalidReplicationFactor/i, 'replicas')
      },
    },
    ...(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const).map(codec => ({
      name: `console producer and consumer, ${codec}`,
      run(context: CheckContext) {
        const topic = context.topic()
        createTopic(context, topic)
        produce(context, topic, lines(200), '--compression-codec', codec)
        expectEqual(consume(context, topic, 200), lines(200), 'records')
      },
    })),
    {
      name: 'console producer creates the topic by itself; keys, headers and timestamps come back',
      run(context) {
        const topic = context.topic()
        const parse = ['--property', 'parse.key=true', '--property', 'parse.headers=true']
        produce(context, topic, ['h1:v1,h2:v2\tkey-1\tvalue-1', 'h1:v3\tkey-2\tvalue-2'], ...parse)
        const show = ['print.key', 'print.headers', 'print.timestamp', 'print.offset', 'print.partition']
        const got = consume(context, topic, 2, ...show.flatMap(p => ['--property', `${p}=true`]))
        expectMatch(
          got.join('\n'),
          /CreateTime:\d+\tPartition:0\tOffset:0\th1:v1,h2:v2\tkey-1\tvalue-1/,
          'first',
        )
        expectMatch(got.join('\n'), /Offset:1\th1:v3\tkey-2\tvalue-2/, 'second')
      },
    },
    {
      name: 'console consumer with a group commits; kafka-consumer-groups describes, resets and deletes',
      run(context) {
        const topic = context.topic()
        const group = `${topic}-group`
        const on = (...args: string[]) =>
          must(java('groups', at(context, ...args)), `kafka-consumer-groups ${args[0]}`)
        createTopic(context, topic, '--partitions', '2')
        produce(context, topic, lines(50))
        consume(context, topic, 50, '--group', group)
        expectMatch(on('--list'), new RegExp(`^${group}$`, 'm'), 'list')
        expectMatch(on('--list', '--state'), new RegExp(`${group}\\s+\\S*\\s*Empty`), 'list --state')
        const described = on('--describe', '--group', group)
        const ends = [
          ...described.matchAll(new RegExp(`${group}\\s+${topic}\\s+\\d\\s+(\\d+)\\s+(\\d+)\\s+0`, 'g')),
        ]
        expectEqual(ends.length, 2, `rows of lag 0 in ${described}`)
        on('--reset-offsets', '--to-earliest', '--execute', '--group', group, '--topic', topic)
        expectEqual(consume(context, topic, 50, '--group', group).length, 50, 'records after the reset')
        on('--delete-offsets', '--group', group, '--topic', topic)
        on('--delete', '--group', group)
        expectEqual(on('--list').split('\n').includes(group), false, 'deleted')
      },
    },
    {
      name: 'kafka-configs sets, shows and deletes topic settings',
      run(context) {
        const topic = context.topic()
        createTopic(context, topic)
        const on = (...args: string[]) =>
          must(
            java('configs', at(context, '--entity-type', 'topics', '--entity-name', topic, ...args)),
            'kafka-configs',
          )
        on('--alter', '--add-config', 'max.message.bytes=2048,cleanup.policy=[compact,delete]')
        const shown = on('--describe')
        expectMatch(
          shown,
          /max\.message\.bytes=2048 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:max\.message\.bytes=2048/,
          'set',
        )
        expectMatch(shown, /cleanup\.policy=compact,delete/, 'list value')
        on('--alter', '--delete-config', 'max.message.bytes')
        expectEqual(/max\.message\.bytes=/.test(on('--describe')), false, 'deleted')
        expectMatch(on('--describe', '--all'), /segment\.bytes=1073741824/, 'defaults')
        const bad = java(
          'configs',
          at(
            context,
            '--entity-type',
            'topics',
            '--entity-name',
            topic,
            '--alter',
            '--add-config',
            'retention.ms=soon',
          ),
        )
        expectMatch(bad.out, /InvalidConfigurationException|Invalid value soon/, 'an ill-typed value')
      },
    },
    {
      name: 'kafka-configs shows and changes broker settings',
      run(context) {
        const broker = (...args: string[]) =>
          must(java('configs', at(context, '--entity-type', 'brokers', ...args)), 'kafka-configs')
        expectMatch(
          broker('--entity-name', '1', '--describe', '--all'),
          /log\.retention\.hours=168/,
          'static',
        )
        broker('--entity-default', '--alter', '--add-config', 'log.retention.ms=7200000')
        expectMatch(broker('--entity-default', '--describe'), /log\.retention\.ms=7200000/, 'cluster default')
        broker('--entity-default', '--alter', '--delete-config', 'log.retention.ms')
      },
    },
    {
      name: 'kafka-get-offsets: latest, earliest, by time, max timestamp',
      run(context) {
        const topic = context.topic()
        createTopic(context, topic)
        produce(context, topic, lines(20))
        const offset = (time: string) =>
          must(java('offsets', at(context, '--topic', topic, '--time', time)), 'kafka-get-offsets').trim()
        expectEqual(offset('latest'), `${topic}:0:20`, 'latest')
        expectEqual(offset('earliest'), `${topic}:0:0`, 'earliest')
        expectEqual(offset('0'), `${topic}:0:0`, 'time 0')
        expectMatch(offset('max-timestamp'), new RegExp(`${topic}:0:\\d+`), 'max timestamp')
      },
    },
    {
      name: 'kafka-delete-records moves the log start',
      run(context) {
        const topic = context.topic()
        createTopic(context, topic)
        produce(context, topic, lines(30))
        const file = scratchFile(
          'delete.json',
          JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 10 }] }),
        )
        const out = must(
          java('deleteRecords', at(context, '--offset-json-file', file)),
          'kafka-delete-records',
        )
        expectMatch(out, /low_watermark: 10/, 'low watermark')
        expectEqual(consume(context, topic, 20), lines(30).slice(10), 'what is left')
      },
    },
    {
      name: 'kafka-log-dirs describes the replicas',
      run(context) {
        const topic = context.topic()
        createTopic(context, topic)
        produce(context, topic, lines(5))
        const out = must(java('logDirs', at(context, '--describe', '--topic-list', topic)), 'kafka-log-dirs')
        expectMatch(out, new RegExp(`"partition":"${topic}-0","size":[1-9]\\d*`), 'size')
      },
    },
    {
      name: 'kafka-features, kafka-cluster and kafka-metadata-quorum answer',
      run(context) {
        expectMatch(
          must(java('features', at(context, 'describe')), 'kafka-features'),
          /Feature: metadata\.version.*FinalizedVersionLevel/,
          'features',
        )
        expectMatch(
          must(java('cluster', ['cluster-id', ...at(context)]), 'kafka-cluster'),
          /Cluster ID: \S{22}/,
          'id',
        )
        const quorum = must(java('quorum', at(context, 'describe', '--status')), 'kafka-metadata-quorum')
        expectMatch(quorum, /LeaderId:\s+1/, 'leader')
      },
    },
    {
      name: 'through --bootstrap-controller: features, cluster, quorum and the settings of a controller',
      run(context) {
        expectMatch(
          must(java('features', atController(context, 'describe')), 'kafka-features'),
          /Feature: metadata\.version.*FinalizedVersionLevel/,
          'features',
        )
        const id = must(java('cluster', ['cluster-id', ...atController(context)]), 'kafka-cluster')
        expectEqual(id, must(java('cluster', ['cluster-id', ...at(context)]), 'kafka-cluster'), 'cluster id')
        const [host, port] = context.broker.bootstrapController.split(':')
        expectMatch(
          must(java('cluster', ['list-endpoints', ...atController(context)]), 'list-endpoints'),
          new RegExp(`^1\\s+${host}\\s+${port}\\s.*controller`, 'm'),
          'endpoints',
        )
        const quorum = (...args: string[]) =>
          must(java('quorum', atController(context, 'describe', ...args)), 'kafka-metadata-quorum')
        expectMatch(quorum('--status'), /LeaderId:\s+1[\s\S]*CurrentVoters:.*"id": 1/, 'leader')
        expectMatch(quorum('--replication'), /^1\s+\S+\s+\d+\s+0\s.*Leader/m, 'lag')
        const on = (...args: string[]) =>
          must(
            java('configs', atController(context, '--entity-type', 'brokers', '--entity-name', '1', ...args)),
            'kafka-configs',
          )
        on('--alter', '--add-config', 'log.cleaner.backoff.ms=14000')
        expectMatch(on('--describe'), /log\.cleaner\.backoff\.ms=14000 sensitive=false/, 'set')
        on('--alter', '--delete-config', 'log.cleaner.backoff.ms')
        expectEqual(/log\.cleaner\.backoff\.ms/.test(on('--describe')), false, 'deleted')
      },
    },
    {
      name: 'a tool at the wrong kind of listener is told so',
      run(context) {
        const { bootstrap, bootstrapController } = context.broker
        const mistaken = java('quorum', ['--bootstrap-controller', bootstrap, 'describe', '--status'])
        expectMatch(mistaken.out, /MismatchedEndpointType/, 'at a broker')
        const turned = java('cluster', ['cluster-id', '--bootstrap-server', bootstrapController])
        expectMatch(turned.out, /does not support METADATA/, 'at a controller')
      },
    },
    {
      name: 'ClientCompatibilityTest',
      run(context) {
        const supported = [
          'offsets-for-times',
          'cluster-id',
          'create-topics',
          'describe-configs',
          'idempotent-producer',
        ]
        const out = must(
          java('compatibility', [
            ...at(context, '--topic', context.topic(), '--num-cluster-nodes', '1'),
            ...supported.flatMap(feature => [`--${feature}-supported`, 'true']),
            ...['--describe-acls-supported', 'true', '--expect-record-too-large-exception', 'false'],
          ]),
          'ClientCompatibilityTest',
        )
        expectMatch(out, /SUCCESS|succeeded/i, 'verdict')
      },
    },
    {
      name: 'VerifiableProducer and VerifiableConsumer agree',
      run(context) {
        const topic = context.topic()
        createTopic(context, topic, '--partitions', '3')
        const count = '1000'
        const sent = must(
          java('verifiableProducer', at(context, '--topic', topic, '--max-messages', count, '--acks', '-1')),
          'producer',
        )
        expectMatch(sent, /"name":"tool_data".*"acked":1000|"acked":1000/, 'acked')
        const got = java(
          'verifiableConsumer',
          at(
            context,
            '--topic',
            topic,
            '--group-id',
            `${topic}-g`,
            '--max-messages',
            count,
            '--reset-policy',
            'earliest',
          ),
        )
        const consumed = [
          ...got.out.matchAll(
            /"name":"records_consumed".*?"count":(\d+)|"count":(\d+).*?"name":"records_consumed"/g,
          ),
        ]
        const total = consumed.reduce((sum, match) => sum + Number(match[1] ?? match[2]), 0)
        expectEqual(total, 1000, 'records consumed')
      },
    },
    {
      name: 'ProducerPerformance writes with an idempotent producer and acks=all',
      run(context) {
        const topic = context.topic()
        createTopic(context, topic)
        const size = ['--num-records', '20000', '--record-size', '500', '--throughput', '-1']
        const props = [
          '--producer-props',
          `bootstrap.servers=${context.broker.bootstrap}`,
          'acks=all',
          'enable.idempotence=true',
        ]
        expectMatch(
          must(java('producerPerformance', ['--topic', topic, ...size, ...props]), 'perf'),
          /20000 records sent/,
          'sent',
        )
        const latest = must(java('offsets', at(context, '--topic', topic)), 'offsets').trim()
        expectEqual(latest, `${topic}:0:20000`, 'log end')
      },
    },
    {
      name: 'the broker restarts: records, configs and committed offsets are still there',
      async run(context) {
        const topic = context.topic()
        createTopic(context, topic, '--config', 'retention.ms=12345678')
        produce(context, topic, lines(40))
        consume(context, topic, 40, '--group', `${topic}-group`)
        await context.broker.restart()
        expectEqual(consume(context, topic, 40), lines(40), 'records')
        const described = must(
          java('groups', at(context, '--describe', '--group', `${topic}-group`)),
          'groups',
        )
        expectMatch(described, new RegExp(`${topic}\\s+0\\s+40\\s+40\\s+0`), 'committed offset')
        expectMatch(
          must(java('topics', at(context, '--describe', '--topic', topic)), 'topics'),
          /retention\.ms=12345678/,
          'config',
        )
      },
    },
    {
      name: 'DumpLogSegments reads logs, indexes, offsets and metadata without complaint',
      async run(context) {
        const topic = context.topic()
        createTopic(context, topic)
        produce(context, topic, lines(500), '--compression-codec', 'lz4')
        consume(context, topic, 500, '--group', `${topic}-group`)
        await context.broker.stop()
        const dir = context.broker.dataDir
        const dump = (partition: string, ...args: string[]) => {
          const files = readdirSync(join(dir, partition)).filter(f =>
            /^\d{20}\.(log|index|timeindex)$/.test(f),
          )
          const out = must(
            java('dumpLog', ['--files', files.map(f => join(dir, partition, f)).join(','), ...args]),
            'dump',
          )
          expectEqual(
            /mismatch|corrupt|Error|Exception|out of order|not found/i.test(
              out.replaceAll(/isvalid: true/g, ''),
            ),
            false,
            `complaints in:\n${out.slice(0, 2000)}`,
          )
          return out
        }
        expectMatch(
          dump(`${topic}-0`, '--deep-iteration', '--print-data-log'),
          /payload: record-499/,
          'records',
        )
        const offsets = readdirSync(dir).filter(d => d.startsWith('__consumer_offsets-'))
        const decoded = offsets.map(partition => dump(partition, '--offsets-decoder')).join('\n')
        expectMatch(decoded, new RegExp(`${topic}-group`), 'offsets')
        expectMatch(
          dump('__cluster_metadata-0', '--cluster-metadata-decoder'),
          /"type":"TOPIC_RECORD"/,
          'metadata',
        )
        await context.broker.restart()
      },
    },
  ],
}
