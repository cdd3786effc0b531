// Quotas and metrics.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { int, javaClass, list, long, text, type SettingTable } from '../setting.ts'
import { NO_JAVA, NO_QUOTAS, NO_SAMPLES } from './inert.ts'

export const QUOTAS_AND_METRICS = {
  'quota.window.num': int(11, 'LOW', 'Samples kept for client quotas.', { min: 1, inert: NO_QUOTAS }),
  'quota.window.size.seconds': int(1, 'LOW', 'Length of a sample for client quotas.', {
    min: 1,
    inert: NO_QUOTAS,
  }),
  'controller.quota.window.num': int(11, 'LOW', 'Samples kept for the quota on topic changes.', {
    min: 1,
    inert: NO_QUOTAS,
  }),
  'controller.quota.window.size.seconds': int(
    1,
    'LOW',
    'Length of a sample for the quota on topic changes.',
    { min: 1, inert: NO_QUOTAS },
  ),
  'client.quota.callback.class': javaClass(null, 'LOW', 'Java class that decides quotas.', {
    inert: NO_JAVA,
  }),
  'metric.reporters': list(
    'org.apache.kafka.common.metrics.JmxReporter',
    'LOW',
    'Java classes that report metrics. Metrics are served over HTTP instead.',
    { dynamic: 'cluster-wide', inert: NO_JAVA },
  ),
  'metrics.num.samples': int(2, 'LOW', 'Samples kept for rates.', { min: 1, inert: NO_SAMPLES }),
  'metrics.recording.level': text('INFO', 'LOW', 'Detail at which metrics are recorded.', {
    inert: NO_SAMPLES,
  }),
  'metrics.sample.window.ms': long(30000, 'LOW', 'Length of a sample for rates.', {
    min: 1,
    inert: NO_SAMPLES,
  }),
  'kafka.metrics.polling.interval.secs': int(10, 'LOW', 'How often old reporters are called.', {
    min: 1,
    inert: NO_SAMPLES,
  }),
  'kafka.metrics.reporters': list('', 'LOW', 'Java classes of old reporters.', { inert: NO_JAVA }),
} satisfies SettingTable
