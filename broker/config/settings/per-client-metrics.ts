// What a client metrics subscription says (KIP-714).
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { int, list, type SettingTable } from '../setting.ts'
import { NO_TELEMETRY } from './inert.ts'

export const PER_CLIENT_METRICS = {
  'interval.ms': int(300_000, 'MEDIUM', 'How often subscribed clients push their metrics.', {
    inert: NO_TELEMETRY,
  }),
  match: list('', 'MEDIUM', 'Clients this subscription is for, as attribute=pattern.', {
    inert: NO_TELEMETRY,
  }),
  metrics: list('', 'MEDIUM', 'Prefixes of the metrics wanted; * for all.', { inert: NO_TELEMETRY }),
} satisfies SettingTable
