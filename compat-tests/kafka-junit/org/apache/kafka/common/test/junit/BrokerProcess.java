/*
 * One broker in a process of its own, as Kafka's test framework sees a cluster. The command comes from the system property
 * `compat.command` (words separated by newlines; the properties file is appended). Where a test reaches into an embedded broker it meets
 * Insides.
 *
 * A test that wants three brokers gets one, and topics made through this class get one replica: most such tests mean "a cluster", not
 * "three". Those that mean three fail, and stand in waiting.txt under that cause.
 */
package org.apache.kafka.common.test.junit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import kafka.server.ControllerServer;
import kafka.server.KafkaBroker;
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
import org.apache.kafka.server.fault.FaultHandlerException;
import org.opentest4j.TestAbortedException;

final class BrokerProcess implements ClusterInstance {
  private static final int ID = 0;
  private static final long PATIENCE_MS = 20_000;

  private final ClusterConfig config;
  private final Type type;
  private final int port = freePort();
  private final int controllerPort = freePort();
  private final Insides insides = new Insides(this);
  private Path home;
  private Process process;
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
    try {
      home = Files.createTempDirectory("broker-process");
      Files.write(home.resolve("server.properties"), lines(properties()));
      launch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    if (stopped || !started) return;
    stopped = true;
    boolean died = process != null && !process.isAlive() && process.exitValue() != 0;
    String log = died ? log() : "";
    end(true);
    try (Stream<Path> files = Files.walk(home)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (died) throw new AssertionError("the broker died during the test:\n" + log);
  }

  @Override
  public void shutdownBroker(int brokerId) {
    if (config.numBrokers() > 1) throw new TestAbortedException("stops one of " + config.numBrokers() + " brokers");
    end(false);
  }

  @Override
  public void startBroker(int brokerId) {
    try {
      launch();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void launch() throws IOException {
    List<String> command = new ArrayList<>(List.of(System.getProperty("compat.command").split("\n")));
    command.add(home.resolve("server.properties").toString());
    File out = home.resolve("broker.log").toFile();
    process = new ProcessBuilder(command)
        .directory(home.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(out))
        .start();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    while (!accepts()) {
      if (!process.isAlive() || System.nanoTime() > deadline) throw new AssertionError("the broker did not start:\n" + log());
      sleep(5);
    }
  }

  void end(boolean force) {
    if (process == null) return;
    if (force) process.destroyForcibly();
    else process.destroy();
    try {
      if (!process.waitFor(PATIENCE_MS, TimeUnit.MILLISECONDS)) process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process = null;
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

  Map<String, String> properties() {
    String listener = clientListener().value();
    String controller = controllerListenerName().value();
    Map<String, String> properties = new TreeMap<>(config.serverProperties());
    properties.putAll(config.perServerOverrideProperties().getOrDefault(ID, Map.of()));
    properties.replaceAll((name, value) -> isCountOfReplicas(name) ? "1" : value);
    for (String name : List.of(
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
        "transaction.state.log.min.isr",
        "share.coordinator.state.topic.replication.factor",
        "share.coordinator.state.topic.min.isr")) {
      properties.put(name, "1");
    }
    properties.putIfAbsent("group.initial.rebalance.delay.ms", "0");
    properties.putIfAbsent("offsets.topic.num.partitions", "5");
    properties.putIfAbsent("log.cleaner.dedupe.buffer.size", "2097152");
    List<String> dirs = new ArrayList<>();
    for (int disk = 0; disk < config.numDisksPerBroker(); disk++) dirs.add(home.resolve("data" + disk).toString());
    properties.put("log.dirs", String.join(",", dirs));
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", String.valueOf(ID));
    properties.put("controller.quorum.voters", ID + "@localhost:" + controllerPort);
    properties.put("controller.listener.names", controller);
    properties.put("inter.broker.listener.name", listener);
    properties.put("listener.security.protocol.map", controller + ":PLAINTEXT," + listener + ":PLAINTEXT");
    properties.put("listeners", listener + "://localhost:" + port + "," + controller + "://localhost:" + controllerPort);
    properties.put("advertised.listeners", listener + "://localhost:" + port);
    return properties;
  }

  private static boolean isCountOfReplicas(String name) {
    return name.endsWith("replication.factor") || name.endsWith("min.isr") || name.equals("min.insync.replicas");
  }

  private static List<String> lines(Map<String, String> properties) {
    List<String> lines = new ArrayList<>();
    properties.forEach((name, value) -> lines.add(name + "=" + value.replace("\\", "\\\\")));
    return lines;
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
    return process != null && process.isAlive();
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
    return "localhost:" + port;
  }

  @Override
  public String bootstrapControllers() {
    throw closedController();
  }

  private static TestAbortedException closedController() {
    return new TestAbortedException("waits for: the controller listener");
  }

  @Override
  public List<Integer> brokerBoundPorts() {
    return List.of(port);
  }

  @Override
  public List<Integer> controllerBoundPorts() {
    throw closedController();
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
    own.replaceAll((name, value) -> isCountOfReplicas(name) ? "1" : value);
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

  @Override
  public void waitTopicDeletion(String topic) throws InterruptedException {
    until(topic + " gone", () -> ask(admin -> !topics(admin).contains(topic)));
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
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > deadline) throw new AssertionError("waited in vain for " + what);
      sleep(20);
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

  private String log() {
    try {
      String text = Files.readString(home.resolve("broker.log"));
      return text.substring(Math.max(0, text.length() - 2000));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("localhost", port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
