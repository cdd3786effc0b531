/** dependency-cruiser with our walls (.dependency-cruiser.cjs). Fails when a wall is broken, and when nothing was read. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const folders = ['protocol', 'storage', 'broker', 'cli', 'bench', 'compat-tests', 'examples'].filter(
  existsSync,
)
const args = [
  'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
  ...folders,
  '--output-type',
  'json',
]
const ran = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 256 << 20 })
if (!ran.stdout) throw new Error(ran.stderr)
const { summary } = JSON.parse(ran.stdout)
for (const { rule, from, to } of summary.violations)
  console.log(`${rule.severity} ${rule.name}: ${from} -> ${to}`)
console.log(
  `${summary.totalCruised} modules, ${summary.totalDependenciesCruised} imports, ${summary.error} walls broken`,
)
if (summary.totalCruised < 200)
  throw new Error('too few modules were read: the check has read nothing of ours')
process.exitCode = summary.error === 0 ? 0 : 1
