/*
 * One broker in a process of its own, as Kafka's test framework sees a cluster. Where a test reaches into an embedded broker it meets
 * Insides.
 *
 * A test that wants three brokers gets one, and topics made through this class get one replica: most such tests mean "a cluster", not
 * "three". Those that mean three fail, and stand in waiting.txt under that cause.
 */
package org.apache.kafka.common.test.junit;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
import odradek.compat.ServerProcess;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.test.ClusterInstance;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.api.Type;
import org.apache.kafka.server.authorizer.Authorizer;
import org.apache.kafka.server.common.MetadataVersion;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.opentest4j.TestAbortedException;

final class BrokerProcess implements ClusterInstance {
  private static final int ID = 0;

  private final ClusterConfig config;
  private final Type type;
  private final ServerProcess process = new ServerProcess();
  private final ProcessMetrics metrics = new ProcessMetrics();
  private final Insides insides = new Insides(this, metrics);
  private boolean started;
  private boolean stopped;

  BrokerProcess(ClusterConfig config, Type type) {
    this.config = config;
    this.type = type;
  }

  // Start and stop

  @Override
  public void start() {
    if (started) return;
    started = true;
    process.prepare(
        settings(), ID, config.numDisksPerBroker(), clientListener().value(), controllerListenerName().value());
    MetadataVersion begins = config.metadataVersion();
    if (begins.isLessThan(MetadataVersion.latestProduction())) process.format(begins.version());
    process.launch();
    metrics.register();
  }

  @Override
  public void stop() {
    if (stopped || !started) return;
    stopped = true;
    metrics.unregister();
    boolean died = process.hasDied();
    String log = died ? process.log() : "";
    process.end(true);
    process.deleteData();
    if (died) throw new AssertionError("the broker died during the test:\n" + log);
  }

  @Override
  public void shutdownBroker(int brokerId) {
    if (config.numBrokers() > 1) throw new TestAbortedException("stops one of " + config.numBrokers() + " brokers");
    process.end(false);
  }

  @Override
  public void startBroker(int brokerId) {
    process.launch();
  }

  void end(boolean force) {
    process.end(force);
  }

  @Override
  public boolean started() {
    return started;
  }

  @Override
  public boolean stopped() {
    return stopped;
  }

  @Override
  public void waitForReadyBrokers() {
    // launch() has waited.
  }

  // Settings

  /** What the process was started with. */
  Map<String, String> properties() {
    return process.settings();
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(config.serverProperties());
    settings.putAll(config.perServerOverrideProperties().getOrDefault(ID, Map.of()));
    settings.put("odradek.metrics.listener", "localhost:" + metrics.port);
    return ServerProcess.fitForOne(settings);
  }

  // What it is

  @Override
  public Type type() {
    return type;
  }

  @Override
  public ClusterConfig config() {
    return config;
  }

  @Override
  public Set<Integer> controllerIds() {
    return Set.of(ID);
  }

  @Override
  public Set<Integer> brokerIds() {
    return Set.of(ID);
  }

  @Override
  public Map<Integer, KafkaBroker> brokers() {
    return Map.of(ID, insides.broker());
  }

  @Override
  public Map<Integer, KafkaBroker> aliveBrokers() {
    return isRunning() ? brokers() : Map.of();
  }

  @Override
  public Map<Integer, ControllerServer> controllers() {
    return Map.of(ID, insides.controller());
  }

  boolean isRunning() {
    return process.isRunning();
  }

  @Override
  public ListenerName clientListener() {
    return config.brokerListenerName();
  }

  @Override
  public ListenerName controllerListenerName() {
    return config.controllerListenerName();
  }

  @Override
  public String bootstrapServers() {
    return "localhost:" + process.port;
  }

  @Override
  public String bootstrapControllers() {
    return "localhost:" + process.controllerPort;
  }

  @Override
  public List<Integer> brokerBoundPorts() {
    return List.of(process.port);
  }

  @Override
  public List<Integer> controllerBoundPorts() {
    return List.of(process.controllerPort);
  }

  @Override
  public String clusterId() {
    return ask(admin -> admin.describeCluster().clusterId().get());
  }

  @Override
  public Set<GroupProtocol> supportedGroupProtocols() {
    boolean newer = ask(admin -> {
      var level = admin.describeFeatures().featureMetadata().get().finalizedFeatures().get("group.version");
      return level != null && level.maxVersionLevel() > 0;
    });
    return newer ? Set.of(GroupProtocol.CLASSIC, GroupProtocol.CONSUMER) : Set.of(GroupProtocol.CLASSIC);
  }

  @Override
  public Optional<FaultHandlerException> firstFatalException() {
    return Optional.empty();
  }

  @Override
  public Optional<FaultHandlerException> firstNonFatalException() {
    return Optional.empty();
  }

  // Topics

  @Override
  public void createTopic(String topic, int partitions, short replicas, Map<String, String> configs)
      throws InterruptedException {
    Map<String, String> own = new HashMap<>(configs);
    own.replaceAll((name, value) -> ServerProcess.isCountOfReplicas(name) ? "1" : value);
    ClusterInstance.super.createTopic(topic, partitions, (short) 1, own);
  }

  @Override
  public void createTopicWithAssignment(String topic, Map<Integer, List<Integer>> assignment) throws InterruptedException {
    Map<Integer, List<Integer>> own = new HashMap<>(assignment);
    own.replaceAll((partition, replicas) -> List.of(ID));
    ClusterInstance.super.createTopicWithAssignment(topic, own);
  }

  @Override
  public void waitTopicCreation(String topic, int partitions) throws InterruptedException {
    until(topic + " with " + partitions + " partitions", () -> ask(admin -> {
      if (!topics(admin).contains(topic)) return false;
      return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size() == partitions;
    }));
  }

  /** A directory is there as long as its topic is. A look at the disk is as quick as Kafka's look at what an embedded broker knows. */
  @Override
  public void waitTopicDeletion(String topic) throws InterruptedException {
    until(topic + " gone", () -> !insides.hasDirectories(topic));
  }

  private static Set<String> topics(Admin admin) throws Exception {
    return admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
  }

  @Override
  public void ensureConsistentMetadata() {
    // One process has one view.
  }

  @Override
  public void ensureConsistentMetadata(Collection<KafkaBroker> brokers, Collection<ControllerServer> controllers) {
    // One process has one view.
  }

  @Override
  public List<Authorizer> authorizers() {
    throw new TestAbortedException("waits for: security, an authorizer");
  }

  @Override
  public void waitAcls(AclBindingFilter filter, Collection<AccessControlEntry> entries) {
    throw new TestAbortedException("waits for: security, an authorizer");
  }

  // Plumbing

  private static void until(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ServerProcess.PATIENCE_MS);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) throw new AssertionError("waited in vain for " + what);
      ServerProcess.sleep(20);
    }
  }

  interface Question<T> {
    T put(Admin admin) throws Exception;
  }

  <T> T ask(Question<T> question) {
    try (Admin admin = admin()) {
      return question.put(admin);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
