// Settings that Kafka does not have. All start with odradek., so they can never collide with one it may add.
import { int, long, text, type SettingTable } from '../setting.ts'
import { optionalListener } from '../checks.ts'

export const OWN = {
  'odradek.metrics.listener': text(
    ':9404',
    'MEDIUM',
    'Where /metrics, /healthz and /readyz are served over HTTP, as host:port. No host means every interface, port 0 any free port. Empty switches it off.',
    { check: optionalListener, acts: 'compat-tests/cli/command.test.ts: metrics +off' },
  ),
  'odradek.log.level': text('info', 'LOW', 'Least severe level that is logged.', {
    oneOf: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    acts: 'compat-tests/cli/command.test.ts: odradek.log.level',
  }),
  'odradek.queued.max.reply.bytes': long(
    268_435_456,
    'MEDIUM',
    'Bytes of records that wait in memory to be sent, over all connections. While there are more, a fetch gets one batch.',
    { min: 0, acts: 'broker/handlers/data-path.test.ts: long polls that wake together' },
  ),
  'odradek.max.open.files': int(
    4096,
    'MEDIUM',
    'Files kept open at most; the ones used longest ago are closed and opened again when needed.',
    { min: 64, acts: 'storage/fs/file-system.test.ts: maxOpenFiles' },
  ),
} satisfies SettingTable
