/** The controller on its metadata log, in the directory that `metadata.log.dir` names. */
import { METADATA_TOPIC_ID, randomUuid } from '../../protocol/uuid.ts'
import type { LogManager } from '../../storage/log-manager.ts'
import { BrokerConfigSchema } from '../config/config-schema.ts'
import { EmbeddedController } from '../controller/embedded-controller.ts'
import type { BrokerOptions } from '../options.ts'
import { KafkaMetadataLog, metadataLogConfig } from '../raft/kafka-metadata-log.ts'
import { controllerSettings, snapshotPolicy } from './settings.ts'

export interface ControllerParts {
  readonly logs: LogManager
  readonly clusterId: string
  readonly onFailure: (error: Error) => void
}

export function openController(
  { config, fs, clock, randomBytes }: BrokerOptions,
  { logs, clusterId, onFailure }: ControllerParts,
): EmbeddedController {
  const logDir = logs.logDirs.find(one => one.path === config.metadataLogDir)
  if (logDir === undefined || !logDir.isOnline) {
    throw new Error(`the metadata log directory ${config.metadataLogDir} is offline`)
  }
  const log = logs.openMetadataLog(
    logDir,
    METADATA_TOPIC_ID,
    metadataLogConfig({
      segmentBytes: config.get('metadata.log.segment.bytes'),
      segmentMs: Number(config.get('metadata.log.segment.ms')),
    }),
  )
  return EmbeddedController.open({
    log: new KafkaMetadataLog({ fs, log, logDir: logDir.path, directoryId: logDir.directoryId }),
    clock,
    newUuid: () => randomUuid(randomBytes),
    settings: controllerSettings(config, clusterId),
    schema: new BrokerConfigSchema(config),
    snapshots: snapshotPolicy(config),
    onFailure,
  })
}
