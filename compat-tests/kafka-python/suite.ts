/**
 * kafka-python's own integration tests (pure Python client), from its source package on PyPI, unmodified. KAFKA_URI points them at a
 * running broker; its SASL and SSL files start brokers of their own and are left out.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { triedAgain } from '../again.ts'
import type { RunningBroker } from '../brokers.ts'
import { junitResults } from '../junit.ts'
import { listed } from '../lists.ts'
import type { ForeignResult, Suite } from '../suite.ts'
import { cacheDir, MissingToolchain, pins, root } from '../toolchain.ts'

const version = '3.0.12'
const home = join(cacheDir, `kafka-python-${version}`)
const python = join(home, 'venv/bin/python')
const source = join(home, `kafka_python-${version}`)

function prepare(): void {
  const done = join(home, '.complete')
  if (existsSync(done)) return
  if (spawnSync('python3', ['-m', 'venv', '--help'], { stdio: 'ignore' }).status !== 0) {
    throw new MissingToolchain('no python3 with venv on the PATH')
  }
  mkdirSync(join(home, 'empty'), { recursive: true })
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], cwd: home }
  execFileSync('python3', ['-m', 'venv', 'venv'], quiet)
  const packages = [
    `kafka-python==${version}`,
    'pytest==8.4.2',
    'pytest-timeout==2.4.0',
    'pytest-mock==3.15.1',
    'py==1.11.0',
  ]
  const codecs = ['crc32c', 'lz4', 'zstandard', 'python-snappy']
  execFileSync(python, ['-m', 'pip', '-q', 'install', ...packages, ...codecs], quiet)
  execFileSync(
    python,
    ['-m', 'pip', '-q', 'download', '--no-deps', '--no-binary', ':all:', `kafka-python==${version}`],
    quiet,
  )
  const archive = readdirSync(home).find(file => file.endsWith('.tar.gz'))
  execFileSync('tar', ['xzf', archive!], quiet)
  // Two files of `test` that the source package leaves out: without the first Python finds its own `test` package.
  writeFileSync(join(source, 'test/__init__.py'), '')
  copyFileSync(join(root, 'compat-tests/kafka-python/service.py'), join(source, 'test/service.py'))
  writeFileSync(done, '')
}

const ignored = ['test_ssl_integration.py', 'test_sasl_integration.py']

function run(broker: RunningBroker): Promise<readonly ForeignResult[]> {
  const all = pytest(broker, ['test/integration', ...ignored.map(f => `--ignore=test/integration/${f}`)])
  const mustPass = listed('kafka-python', 'must-pass.txt')
  return triedAgain(all, {
    mayBeAccident: name => mustPass.has(name),
    run: names => pytest(broker, names.map(nodeId)),
  })
}

/** `test.integration.test_x.test_y[1]`, as a report has it, in pytest's own spelling. */
function nodeId(name: string): string {
  const [, file, test] = /^(.*?\.test_\w+)\.(test_.*)$/.exec(name)!
  return `${file!.replaceAll('.', '/')}.py::${test}`
}

function pytest(broker: RunningBroker, what: readonly string[]): ForeignResult[] {
  const report = join(home, 'report.xml')
  // A report that an earlier run left must never speak for this one.
  rmSync(report, { force: true })
  const timeout = ['--timeout=30', '--timeout-method=signal']
  spawnSync(
    python,
    ['-m', 'pytest', '-q', ...timeout, `--junitxml=${report}`, '-p', 'no:cacheprovider', ...what],
    {
      cwd: source,
      stdio: 'ignore',
      timeout: 900_000,
      env: {
        ...process.env,
        KAFKA_URI: `kafka://${broker.bootstrap}`,
        KAFKA_VERSION: pins.reference,
        KAFKA_ROOT: join(home, 'empty'),
      },
    },
  )
  if (!existsSync(report)) throw new Error('pytest wrote no report: it did not get to its end')
  return junitResults(readFileSync(report, 'utf8'))
}

export const kafkaPython: Suite = {
  name: 'kafka-python',
  title: `kafka-python ${version}, test/integration`,
  isInCi: true,
  lists: 'kafka-python',
  settings: {
    'node.id': '0',
    'num.partitions': '4',
    'group.min.session.timeout.ms': '1000',
    'offsets.topic.num.partitions': '2',
  },
  kafkaSettings: {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'true',
    'super.users': 'User:ANONYMOUS',
  },
  prepare,
  checks: [],
  run,
}
