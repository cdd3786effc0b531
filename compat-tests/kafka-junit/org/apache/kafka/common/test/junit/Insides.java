/*
 * Stands for the embedded broker and controller objects where a test reaches for them: settings are read from what the process was
 * started with, metadata is asked through Admin, metrics at /metrics, logs are looked for on the disk, and starting and stopping act on
 * the process. Anything else that a test would read from inside aborts it, with what it asked for as the reason.
 */
package org.apache.kafka.common.test.junit;

import java.io.File;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kafka.cluster.Partition;
import kafka.log.LogManager;
import kafka.network.SocketServer;
import kafka.raft.KafkaRaftManager;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
import kafka.server.KafkaConfig;
import kafka.server.ReplicaManager;
import kafka.server.SharedServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.metadata.KRaftMetadataCache;
import org.apache.kafka.metadata.LeaderAndIsr;
import org.apache.kafka.metadata.LeaderRecoveryState;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.mockito.Mockito;
import org.mockito.invocation.InvocationOnMock;
import org.opentest4j.TestAbortedException;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

final class Insides {
  private static final Set<ConfigEntry.ConfigSource> DYNAMIC =
      Set.of(ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG, ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG);

  private final BrokerProcess process;
  private final ProcessMetrics metrics;
  private KafkaBroker broker;
  private ControllerServer controller;

  Insides(BrokerProcess process, ProcessMetrics metrics) {
    this.process = process;
    this.metrics = metrics;
  }

  KafkaBroker broker() {
    if (broker == null) broker = standIn(BrokerServer.class, this::answerOfBroker);
    return broker;
  }

  ControllerServer controller() {
    if (controller == null) controller = standIn(ControllerServer.class, this::answerOfController);
    return controller;
  }

  private Object answerOfBroker(InvocationOnMock call) {
    return switch (call.getMethod().getName()) {
      case "config" -> config();
      case "clusterId" -> process.clusterId();
      case "boundPort" -> process.brokerBoundPorts().get(0);
      case "socketServer" -> socketServer();
      case "metrics" -> standIn(Metrics.class, this::answerOfMetrics);
      case "logManager" -> standIn(LogManager.class, this::answerOfLogs);
      case "replicaManager" -> standIn(ReplicaManager.class, inner ->
          inner.getMethod().getName().equals("onlinePartition") ? onlinePartition(inner.getArgument(0)) : inside(inner));
      case "metadataCache" -> standIn(KRaftMetadataCache.class, this::answerOfMetadata);
      case "groupCoordinator" -> standIn(GroupCoordinator.class, this::answerOfGroups);
      // Whether a broker has read the metadata log up to the controller's end: one process has one view.
      case "sharedServer" -> standIn(SharedServer.class, inner -> inner.getMethod().getName().equals("loader") ? null : inside(inner));
      case "isShutdown" -> !process.isRunning();
      case "awaitShutdown" -> null;
      case "shutdown" -> {
        process.end(false);
        yield null;
      }
      case "startup" -> {
        process.startBroker(process.brokerIds().iterator().next());
        yield null;
      }
      default -> inside(call);
    };
  }

  private Object answerOfController(InvocationOnMock call) {
    return switch (call.getMethod().getName()) {
      case "config" -> config();
      case "clusterId" -> process.clusterId();
      case "raftManager" -> Mockito.mock(KafkaRaftManager.class, Mockito.RETURNS_DEEP_STUBS);
      case "controller" -> standIn(Controller.class, inner ->
          inner.getMethod().getName().equals("findAllTopicIds") ? CompletableFuture.completedFuture(topicIds()) : inside(inner));
      default -> inside(call);
    };
  }

  private Object answerOfMetadata(InvocationOnMock call) {
    return switch (call.getMethod().getName()) {
      case "numPartitions" -> describe(call.getArgument(0)).map(topic -> topic.partitions().size());
      case "getTopicId" -> topicIds().getOrDefault(call.<String>getArgument(0), Uuid.ZERO_UUID);
      case "topicNamesToIds" -> topicIds();
      case "getAllTopics" -> topicIds().keySet();
      case "hasAliveBroker" -> process.brokerIds().contains(call.<Integer>getArgument(0));
      case "contains" -> call.getArgument(0) instanceof String topic ? describe(topic).isPresent() : inside(call);
      case "getLeaderAndIsr" -> leaderAndIsr(call.getArgument(0), call.getArgument(1));
      default -> inside(call);
    };
  }

  /** Its memory is read past its methods. */
  private SocketServer socketServer() {
    SocketServer server = standIn(SocketServer.class, inner ->
        inner.getMethod().getName().equals("boundPort") ? process.brokerBoundPorts().get(0) : inside(inner));
    MemoryPool pool = standIn(MemoryPool.class, inner -> inner.getMethod().getName().equals("availableMemory")
        ? (long) metrics.value("kafka_network_socketserver_memorypoolavailable")
        : inside(inner));
    try {
      Field field = SocketServer.class.getDeclaredField("memoryPool");
      field.setAccessible(true);
      field.set(server, pool);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    return server;
  }

  private Object answerOfMetrics(InvocationOnMock call) {
    return switch (call.getMethod().getName()) {
      case "metricName" -> {
        Object[] args = call.getArguments();
        if (args.length < 4 || !(args[3] instanceof String)) yield inside(call);
        Map<String, String> tags = new HashMap<>();
        for (int at = 3; at < args.length; at += 2) tags.put((String) args[at], (String) args[at + 1]);
        yield new MetricName((String) args[0], (String) args[1], (String) args[2], tags);
      }
      case "metric" -> metrics.shows(call.getArgument(0)) ? Mockito.mock(KafkaMetric.class) : null;
      default -> inside(call);
    };
  }

  private Object answerOfLogs(InvocationOnMock call) {
    return switch (call.getMethod().getName()) {
      case "getLog" -> hasDirectory(call.getArgument(0)) ? Option.apply(Mockito.mock(UnifiedLog.class)) : Option.empty();
      case "liveLogDirs" -> CollectionConverters.asScala(logDirs().toList()).toSeq();
      case "producerStateManagerConfig" -> new ProducerStateManagerConfig(config().getInt("producer.id.expiration.ms"), true);
      default -> inside(call);
    };
  }

  private Option<Partition> onlinePartition(TopicPartition partition) {
    boolean isThere = describe(partition.topic()).stream()
        .flatMap(topic -> topic.partitions().stream())
        .anyMatch(row -> row.partition() == partition.partition());
    return isThere ? Option.apply(Mockito.mock(Partition.class)) : Option.empty();
  }

  boolean hasDirectories(String topic) {
    String partition = Pattern.quote(topic) + "-\\d+";
    return logDirs()
        .map(File::list)
        .anyMatch(names -> names != null && Stream.of(names).anyMatch(name -> name.matches(partition)));
  }

  private boolean hasDirectory(TopicPartition partition) {
    return logDirs().anyMatch(directory -> new File(directory, partition.toString()).exists());
  }

  private Stream<File> logDirs() {
    return Stream.of(process.properties().get("log.dirs").split(",")).map(File::new);
  }

  private Object answerOfGroups(InvocationOnMock call) {
    if (!call.getMethod().getName().equals("groupMetadataTopicConfigs")) return inside(call);
    Properties configs = new Properties();
    configs.put("cleanup.policy", "compact");
    configs.put("compression.type", "producer");
    return configs;
  }

  /** What the process was started with, and what was changed since; as started while it is down. */
  private KafkaConfig config() {
    Map<String, String> settings = new HashMap<>(process.properties());
    if (process.isRunning()) {
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, process.brokerIds().iterator().next().toString());
      Config described = process.ask(admin -> admin.describeConfigs(List.of(broker)).all().get().get(broker));
      described.entries().stream()
          .filter(entry -> DYNAMIC.contains(entry.source()) && entry.value() != null)
          .forEach(entry -> settings.put(entry.name(), entry.value()));
    }
    return new KafkaConfig(settings);
  }

  private Optional<LeaderAndIsr> leaderAndIsr(String topic, int partition) {
    return describe(topic)
        .flatMap(found -> found.partitions().stream().filter(row -> row.partition() == partition).findFirst())
        .map(row -> new LeaderAndIsr(
            row.leader() == null ? -1 : row.leader().id(), 0, row.isr().stream().map(node -> node.id()).toList(),
            LeaderRecoveryState.RECOVERED, 0));
  }

  private Optional<TopicDescription> describe(String topic) {
    return process.ask(admin -> names(admin).containsKey(topic)
        ? Optional.of(admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic))
        : Optional.empty());
  }

  private Map<String, Uuid> topicIds() {
    return process.ask(Insides::names);
  }

  private static Map<String, Uuid> names(Admin admin) throws Exception {
    Map<String, Uuid> ids = new HashMap<>();
    admin.listTopics(new ListTopicsOptions().listInternal(true)).listings().get()
        .forEach(topic -> ids.put(topic.name(), topic.topicId()));
    return ids;
  }

  private static <T> T standIn(Class<T> type, org.mockito.stubbing.Answer<Object> answer) {
    return Mockito.mock(type, call -> call.getMethod().getDeclaringClass() == Object.class
        ? Mockito.RETURNS_DEFAULTS.answer(call)
        : answer.answer(call));
  }

  private static Object inside(InvocationOnMock call) {
    String asked = call.getMethod().getDeclaringClass().getSimpleName() + "." + call.getMethod().getName();
    throw new TestAbortedException("looks inside an embedded broker: " + asked);
  }
}
