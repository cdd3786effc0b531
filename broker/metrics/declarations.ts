// Every metric there is: name, kind, labels and meaning. Names follow what the JMX exporter's usual rules make of
// Kafka's MBeans (lower case, `PerSec` counters end in _total), consumer lag and partition offsets what kafka_exporter
// calls them, so existing dashboards work. What is ours alone starts with odradek_. docs/metrics.md is generated from
// this table; a name that has been released is never changed (docs/versioning.md).
//
//   counter    only grows          gauge   asked at scrape time          histogram   milliseconds; shown as quantiles,
//                                                                                   _sum and _count like Kafka's

export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  readonly help: string
}

function counter(help: string, ...labels: string[]) {
  return { kind: 'counter', labels, help } as const
}
function gauge(help: string, ...labels: string[]) {
  return { kind: 'gauge', labels, help } as const
}
function histogram(help: string, ...labels: string[]) {
  return { kind: 'histogram', labels, help } as const
}

const perTopic = 'Per topic, and once without a topic for all of them.'

export const DECLARATIONS = {
  // kafka.server:type=BrokerTopicMetrics
  kafka_server_brokertopicmetrics_messagesin_total: counter(
    `Records appended by producers. ${perTopic}`,
    'topic',
  ),
  kafka_server_brokertopicmetrics_bytesin_total: counter(
    `Bytes of records appended by producers. ${perTopic}`,
    'topic',
  ),
  kafka_server_brokertopicmetrics_bytesout_total: counter(
    `Bytes of records sent to consumers. ${perTopic}`,
    'topic',
  ),
  kafka_server_brokertopicmetrics_bytesrejected_total: counter(
    `Bytes of records refused. ${perTopic}`,
    'topic',
  ),
  kafka_server_brokertopicmetrics_totalproducerequests_total: counter(
    `Produce requests that named a topic. ${perTopic}`,
    'topic',
  ),
  kafka_server_brokertopicmetrics_totalfetchrequests_total: counter(
    `Fetch requests that named a topic. ${perTopic}`,
    'topic',
  ),
  kafka_server_brokertopicmetrics_failedproducerequests_total: counter(
    `Partitions of Produce requests that failed. ${perTopic}`,
    'topic',
  ),
  kafka_server_brokertopicmetrics_failedfetchrequests_total: counter(
    `Partitions of Fetch requests that failed. ${perTopic}`,
    'topic',
  ),
  kafka_server_brokertopicmetrics_invalidmagicnumberrecords_total: counter(
    'Batches refused for their magic byte.',
  ),
  kafka_server_brokertopicmetrics_invalidmessagecrcrecords_total: counter(
    'Batches refused for their checksum.',
  ),
  kafka_server_brokertopicmetrics_invalidoffsetorsequencerecords_total: counter(
    'Batches refused for their offsets or sequence numbers.',
  ),
  kafka_server_brokertopicmetrics_nokeycompactedtopicrecords_total: counter(
    'Records without a key refused by a compacted topic.',
  ),

  // kafka.network:type=RequestMetrics
  kafka_network_requestmetrics_requests_total: counter('Requests answered.', 'request', 'version'),
  kafka_network_requestmetrics_errors_total: counter(
    'Error codes in answers, NONE included, as Kafka counts them.',
    'request',
    'error',
  ),
  kafka_network_requestmetrics_requestbytes: histogram('Size of requests in bytes.', 'request'),
  kafka_network_requestmetrics_requestqueuetimems: histogram(
    'Milliseconds a request waited before it was handled.',
    'request',
  ),
  kafka_network_requestmetrics_localtimems: histogram('Milliseconds spent handling a request.', 'request'),
  kafka_network_requestmetrics_remotetimems: histogram(
    'Milliseconds a request waited for others: acks, data, group members, the flush.',
    'request',
  ),
  kafka_network_requestmetrics_totaltimems: histogram(
    'Milliseconds from the last byte of a request to its answer.',
    'request',
  ),
  kafka_network_socketserver_memorypoolused: gauge('Bytes of requests held in memory.'),
  kafka_network_socketserver_memorypoolavailable: gauge(
    'Bytes of requests that may still be read (queued.max.request.bytes).',
  ),

  // kafka.server:type=socket-server-metrics
  kafka_server_socketservermetrics_connection_count: gauge('Open connections.', 'listener'),
  kafka_server_socketservermetrics_connection_creation_total: counter('Connections accepted.', 'listener'),
  kafka_server_socketservermetrics_connection_close_total: counter('Connections closed.', 'listener'),
  kafka_server_socketservermetrics_incoming_byte_total: counter('Bytes read from sockets.'),
  kafka_server_socketservermetrics_outgoing_byte_total: counter('Bytes written to sockets.'),
  odradek_connections_rejected_total: counter(
    'Connections refused or cut, by reason: limit, idle, frame, version, malformed.',
    'reason',
  ),

  // kafka.server:type=ReplicaManager, KafkaServer, DelayedOperationPurgatory, FetchSessionCache
  kafka_server_replicamanager_leadercount: gauge('Partitions led by this broker.'),
  kafka_server_replicamanager_partitioncount: gauge('Partitions kept by this broker.'),
  kafka_server_replicamanager_underreplicatedpartitions: gauge(
    'Led partitions with fewer replicas in sync than assigned.',
  ),
  kafka_server_replicamanager_offlinereplicacount: gauge('Replicas in log directories that are offline.'),
  kafka_server_kafkaserver_brokerstate: gauge(
    "Kafka's broker state: 1 starting, 2 recovering, 3 running, 6 shutting down.",
  ),
  kafka_server_delayedoperationpurgatory_purgatorysize: gauge(
    'Requests that wait, by kind.',
    'delayedoperation',
  ),
  kafka_server_fetchsessioncache_numincrementalfetchsessions: gauge('Incremental fetch sessions kept.'),
  kafka_server_fetchsessioncache_numincrementalfetchpartitionscached: gauge(
    'Partitions in incremental fetch sessions.',
  ),

  // kafka.log
  kafka_log_log_size: gauge('Bytes of a partition on disk.', 'topic', 'partition'),
  kafka_log_log_logstartoffset: gauge('First offset of a partition.', 'topic', 'partition'),
  kafka_log_log_logendoffset: gauge('Offset the next record of a partition will get.', 'topic', 'partition'),
  kafka_log_log_numlogsegments: gauge('Segments of a partition.', 'topic', 'partition'),
  kafka_log_logflushstats_logflushrateandtimems: histogram('Milliseconds a flush to disk (fsync) took.'),
  kafka_log_logmanager_offlinelogdirectorycount: gauge('Log directories taken offline by an I/O error.'),
  kafka_log_logmanager_logdirectoryoffline: gauge('1 when the log directory is offline.', 'logdirectory'),

  // kafka.controller
  kafka_controller_kafkacontroller_activecontrollercount: gauge('1 when this node is the active controller.'),
  kafka_controller_kafkacontroller_activebrokercount: gauge('Brokers registered and not fenced.'),
  kafka_controller_kafkacontroller_fencedbrokercount: gauge('Brokers registered and fenced.'),
  kafka_controller_kafkacontroller_globaltopiccount: gauge('Topics in the cluster.'),
  kafka_controller_kafkacontroller_globalpartitioncount: gauge('Partitions in the cluster.'),
  kafka_controller_kafkacontroller_offlinepartitionscount: gauge('Partitions without a leader.'),
  kafka_controller_kafkacontroller_preferredreplicaimbalancecount: gauge(
    'Partitions that another than their preferred replica leads.',
  ),
  kafka_controller_kafkacontroller_lastappliedrecordoffset: gauge(
    'Last offset of the metadata log that was applied.',
  ),
  kafka_server_broker_metadata_metrics_last_applied_record_offset: gauge(
    'Last offset of the metadata log this broker has published.',
  ),
  kafka_server_raftmetrics_current_epoch: gauge('Epoch of the metadata quorum.'),
  kafka_server_raftmetrics_log_end_offset: gauge('End of the metadata log.'),
  kafka_server_raftmetrics_high_watermark: gauge('High watermark of the metadata log.'),

  // kafka.coordinator
  kafka_coordinator_group_groupmetadatamanager_numgroups: gauge('Consumer groups.'),
  kafka_coordinator_group_groupmetadatamanager_numoffsets: gauge('Committed offsets kept.'),
  kafka_server_groupcoordinatormetrics_group_count: gauge('Groups by protocol.', 'protocol'),
  kafka_server_groupcoordinatormetrics_offset_commit_count: counter('Offsets committed.'),
  kafka_server_groupcoordinatormetrics_offset_expiration_count: counter('Committed offsets that expired.'),
  kafka_server_groupcoordinatormetrics_offset_deletion_count: counter(
    'Committed offsets deleted by request.',
  ),
  kafka_server_groupcoordinatormetrics_group_completed_rebalance_count: counter(
    'Rebalances that came to an end.',
  ),

  // as kafka_exporter names them
  kafka_brokers: gauge('Brokers in the cluster.'),
  kafka_topic_partitions: gauge('Partitions of a topic.', 'topic'),
  kafka_topic_partition_current_offset: gauge(
    'End offset of a partition (high watermark).',
    'topic',
    'partition',
  ),
  kafka_topic_partition_oldest_offset: gauge('First offset of a partition.', 'topic', 'partition'),
  kafka_consumergroup_members: gauge('Members of a group.', 'consumergroup'),
  kafka_consumergroup_current_offset: gauge(
    'Offset a group has committed.',
    'consumergroup',
    'topic',
    'partition',
  ),
  kafka_consumergroup_lag: gauge(
    'Records between the committed offset and the high watermark.',
    'consumergroup',
    'topic',
    'partition',
  ),

  // ours
  odradek_event_loop_delay_seconds: gauge('Delay of the event loop since the last scrape.', 'quantile'),
  odradek_start_duration_seconds: gauge('Seconds from process start to serving.'),
  odradek_info: gauge(
    'Always 1; version, node and cluster id are its labels.',
    'version',
    'node_id',
    'cluster_id',
    'nodejs',
  ),
  process_resident_memory_bytes: gauge('Resident memory.'),
  process_cpu_seconds_total: gauge('User and system CPU time.'),
  process_start_time_seconds: gauge('Start of the process, in seconds since the epoch.'),
  process_open_fds: gauge('Open file descriptors.'),
  nodejs_heap_size_used_bytes: gauge('JavaScript heap in use.'),
  nodejs_external_memory_bytes: gauge('Memory of Buffers and other memory outside the JavaScript heap.'),
} satisfies Record<string, MetricDeclaration>

export type MetricName = keyof typeof DECLARATIONS
export type NameOf<Kind extends MetricDeclaration['kind']> = {
  [Name in MetricName]: (typeof DECLARATIONS)[Name]['kind'] extends Kind ? Name : never
}[MetricName]
