/*
 * Stands for the embedded broker and controller objects where a test reaches for them: settings are read from what the process was
 * started with, metadata is asked through Admin, and starting and stopping act on the process. Anything else that a test would read
 * from inside aborts it, with what it asked for as the reason.
 */
package org.apache.kafka.common.test.junit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import kafka.network.SocketServer;
import kafka.raft.KafkaRaftManager;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
import kafka.server.KafkaConfig;
import kafka.server.SharedServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.metadata.KRaftMetadataCache;
import org.apache.kafka.metadata.LeaderAndIsr;
import org.apache.kafka.metadata.LeaderRecoveryState;
import org.mockito.Mockito;
import org.mockito.invocation.InvocationOnMock;
import org.opentest4j.TestAbortedException;

final class Insides {
  private static final Set<ConfigEntry.ConfigSource> DYNAMIC =
      Set.of(ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG, ConfigEntry.ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG);

  private final BrokerProcess process;
  private KafkaBroker broker;
  private ControllerServer controller;

  Insides(BrokerProcess process) {
    this.process = process;
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
      case "socketServer" -> standIn(SocketServer.class, inner -> inner.getMethod().getName().equals("boundPort")
          ? process.brokerBoundPorts().get(0)
          : inside(inner));
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
