// Makes every call that the Java client knows, so that its frames and the broker's answers can be recorded. Calls may
// fail: an error is an answer too. Runs against both pinned releases; what only the newer one has is in ShareCalls.java.
//   java -cp "<kafka jars>/*" compat-tests/golden/EveryCall.java <bootstrap>
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.*;

public class EveryCall {
  static Admin admin;

  static void call(String name, Callable<KafkaFuture<?>> call) {
    try {
      call.call().get(15, TimeUnit.SECONDS);
      System.out.println("ok " + name);
    } catch (Throwable error) {
      System.out.println("-- " + name + ": " + (error.getCause() == null ? error : error.getCause()));
    }
  }

  static Properties properties(String bootstrap, String... pairs) {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("client.id", "java");
    for (int i = 0; i < pairs.length; i += 2) p.put(pairs[i], pairs[i + 1]);
    return p;
  }

  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    admin = Admin.create(properties(bootstrap));
    topics();
    clients(bootstrap);
    groups();
    cluster();
    security();
    call("deleteTopics", () -> admin.deleteTopics(List.of("gone")).all());
    call("deleteConsumerGroups", () -> admin.deleteConsumerGroups(List.of("classic", "none")).all());
    admin.close(Duration.ofSeconds(5));
    System.exit(0);
  }

  static void topics() {
    call("createTopics", () -> admin.createTopics(List.of(new NewTopic("golden", 2, (short) 1).configs(Map.of("retention.ms", "100000")),
      new NewTopic("gone", Map.of(0, List.of(1))), new NewTopic("bad name", 1, (short) 1))).all());
    call("listTopics", () -> admin.listTopics().names());
    call("describeTopics", () -> admin.describeTopics(List.of("golden", "missing"),
      new DescribeTopicsOptions().includeAuthorizedOperations(true)).allTopicNames());
    call("describeById", () -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(Uuid.randomUuid()))).allTopicIds());
    call("createPartitions", () -> admin.createPartitions(Map.of("golden", NewPartitions.increaseTo(3, List.of(List.of(1))))).all());
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "gone");
    call("incrementalAlterConfigs", () -> admin.incrementalAlterConfigs(Map.of(topic,
      List.of(new AlterConfigOp(new ConfigEntry("flush.messages", "5"), AlterConfigOp.OpType.SET)))).all());
    call("describeConfigs", () -> admin.describeConfigs(List.of(topic),
      new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true)).all());
    call("electLeaders", () -> admin.electLeaders(ElectionType.PREFERRED, Set.of(new TopicPartition("golden", 0))).all());
    call("alterPartitionReassignments", () -> admin.alterPartitionReassignments(Map.of(new TopicPartition("golden", 0),
      Optional.of(new NewPartitionReassignment(List.of(1))))).all());
    call("listPartitionReassignments", () -> admin.listPartitionReassignments().reassignments());
  }

  static void clients(String bootstrap) throws Exception {
    try (Producer<String, String> producer = new KafkaProducer<>(properties(bootstrap, "compression.type", "none"), new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < 5; i++) producer.send(new ProducerRecord<>("golden", 0, "k" + i, "v" + i)).get();
    } catch (Exception error) { System.out.println("-- produce " + error); }
    for (String protocol : List.of("classic", "consumer")) {
      Properties p = properties(bootstrap, "group.id", protocol, "auto.offset.reset", "earliest", "group.protocol", protocol,
        "client.rack", "r1", "isolation.level", "read_committed");
      if (protocol.equals("classic")) p.put("group.instance.id", "one");
      try (Consumer<String, String> consumer = new KafkaConsumer<>(p, new StringDeserializer(), new StringDeserializer())) {
        consumer.subscribe(List.of("golden"));
        for (int i = 0; i < 20 && consumer.poll(Duration.ofMillis(500)).isEmpty(); i++) { }
        consumer.commitSync(Map.of(new TopicPartition("golden", 0), new OffsetAndMetadata(3, Optional.of(0), "note")));
        consumer.committed(Set.of(new TopicPartition("golden", 0)));
        consumer.offsetsForTimes(Map.of(new TopicPartition("golden", 0), 1L));
        describe(protocol);
      } catch (Exception error) { System.out.println("-- consume " + protocol + " " + error); }
    }
    try (Producer<String, String> producer = new KafkaProducer<>(properties(bootstrap, "transactional.id", "tx"), new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("golden", 0, "k", "v")).get();
      producer.sendOffsetsToTransaction(Map.of(new TopicPartition("golden", 0), new OffsetAndMetadata(4)), new ConsumerGroupMetadata("classic"));
      call("describeProducers", () -> admin.describeProducers(List.of(new TopicPartition("golden", 0))).all());
      call("describeTransactions", () -> admin.describeTransactions(List.of("tx")).all());
      call("listTransactions", () -> admin.listTransactions().all());
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("golden", 0, "k", "v")).get();
      producer.abortTransaction();
    } catch (Exception error) { System.out.println("-- transact " + error); }
  }

  static void describe(String group) {
    call("describeConsumerGroups", () -> admin.describeConsumerGroups(List.of(group, "none"),
      new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true)).all());
  }

  static void groups() {
    call("listConsumerGroups", () -> admin.listConsumerGroups().all());
    call("listConsumerGroupOffsets", () -> admin.listConsumerGroupOffsets("classic").partitionsToOffsetAndMetadata());
    call("alterConsumerGroupOffsets", () -> admin.alterConsumerGroupOffsets("classic",
      Map.of(new TopicPartition("golden", 0), new OffsetAndMetadata(1))).all());
    call("deleteConsumerGroupOffsets", () -> admin.deleteConsumerGroupOffsets("classic", Set.of(new TopicPartition("golden", 0))).all());
    call("removeMembers", () -> admin.removeMembersFromConsumerGroup("classic",
      new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("one")))).all());
    for (OffsetSpec spec : List.of(OffsetSpec.latest(), OffsetSpec.earliest(), OffsetSpec.maxTimestamp(), OffsetSpec.forTimestamp(1))) {
      call("listOffsets", () -> admin.listOffsets(Map.of(new TopicPartition("golden", 0), spec)).all());
    }
    call("deleteRecords", () -> admin.deleteRecords(Map.of(new TopicPartition("golden", 0), RecordsToDelete.beforeOffset(2))).all());
    call("fenceProducers", () -> admin.fenceProducers(List.of("tx")).all());
  }

  static void cluster() {
    call("describeCluster", () -> admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true)).nodes());
    call("describeLogDirs", () -> admin.describeLogDirs(List.of(1)).allDescriptions());
    call("alterReplicaLogDirs", () -> admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica("golden", 0, 1), "/nowhere")).all());
    call("describeFeatures", () -> admin.describeFeatures().featureMetadata());
    call("updateFeatures", () -> admin.updateFeatures(Map.of("group.version",
      new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)), new UpdateFeaturesOptions().validateOnly(true)).all());
    call("describeMetadataQuorum", () -> admin.describeMetadataQuorum().quorumInfo());
    call("unregisterBroker", () -> admin.unregisterBroker(77).all());
    call("listClientMetricsResources", () -> admin.listClientMetricsResources().all());
    call("addRaftVoter", () -> admin.addRaftVoter(9, Uuid.randomUuid(), Set.of(new RaftVoterEndpoint("CONTROLLER", "localhost", 1))).all());
    call("removeRaftVoter", () -> admin.removeRaftVoter(9, Uuid.randomUuid()).all());
  }

  static void security() {
    AclBinding acl = new AclBinding(new ResourcePattern(ResourceType.TOPIC, "gol", PatternType.PREFIXED),
      new AccessControlEntry("User:alice", "*", AclOperation.READ, AclPermissionType.ALLOW));
    call("createAcls", () -> admin.createAcls(List.of(acl)).all());
    call("describeAcls", () -> admin.describeAcls(AclBindingFilter.ANY).values());
    call("deleteAcls", () -> admin.deleteAcls(List.of(acl.toFilter())).all());
    ClientQuotaEntity user = new ClientQuotaEntity(Map.of("user", "alice"));
    call("alterClientQuotas", () -> admin.alterClientQuotas(List.of(new ClientQuotaAlteration(user,
      List.of(new ClientQuotaAlteration.Op("consumer_byte_rate", 1e6))))).all());
    call("describeClientQuotas", () -> admin.describeClientQuotas(ClientQuotaFilter.all()).entities());
    call("alterUserScramCredentials", () -> admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("alice",
      new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"))).all());
    call("describeUserScramCredentials", () -> admin.describeUserScramCredentials().all());
    call("createDelegationToken", () -> admin.createDelegationToken().delegationToken());
    call("describeDelegationToken", () -> admin.describeDelegationToken().delegationTokens());
    call("renewDelegationToken", () -> admin.renewDelegationToken(new byte[] {1}).expiryTimestamp());
    call("expireDelegationToken", () -> admin.expireDelegationToken(new byte[] {1}).expiryTimestamp());
  }
}
