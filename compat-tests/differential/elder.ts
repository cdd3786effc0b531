/** The versions that Kafka 4.0 dropped (KIP-896) and that we serve for old clients: the elder is their reference. */

/** By API, the first version that the reference still serves. What is not here was not dropped from. */
export const DROPPED_BELOW: Readonly<Record<string, number>> = {
  Produce: 3,
  Fetch: 4,
  ListOffsets: 1,
  OffsetCommit: 2,
  CreateTopics: 2,
  DeleteTopics: 1,
  OffsetForLeaderEpoch: 2,
  DescribeAcls: 1,
  CreateAcls: 1,
  DeleteAcls: 1,
  DescribeConfigs: 1,
  AlterReplicaLogDirs: 1,
  DescribeLogDirs: 1,
}
