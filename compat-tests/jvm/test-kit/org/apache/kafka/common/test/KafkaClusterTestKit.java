/*
 * Takes the place, by its name, of the class on which the embedded clusters of Kafka Streams' and Kafka Connect's tests stand; they are
 * left as they are. Here it is one broker process, whatever number of brokers was asked for: `brokers()` has that many stand-ins, which
 * can be counted, shut down and started together, and know nothing else.
 *
 * Stopped brokers keep their data and port. A test that stops one of several fails, and stands in waiting.txt.
 */
package org.apache.kafka.common.test;

import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.withSettings;

import java.util.Map;
import java.util.TreeMap;
import kafka.server.BrokerServer;
import odradek.compat.ServerProcess;
import org.apache.kafka.metadata.BrokerState;
import org.opentest4j.TestAbortedException;

public class KafkaClusterTestKit implements AutoCloseable {
  public static class Builder {
    private final TestKitNodes nodes;
    private final Map<String, String> settings = new TreeMap<>();

    public Builder(TestKitNodes nodes) {
      this.nodes = nodes;
    }

    public Builder setConfigProp(String name, Object value) {
      settings.put(name, String.valueOf(value));
      return this;
    }

    public KafkaClusterTestKit build() {
      return new KafkaClusterTestKit(nodes, settings);
    }
  }

  private final ServerProcess process = new ServerProcess();
  private final Map<Integer, BrokerServer> brokers = new TreeMap<>();
  private final TestKitNodes nodes;
  private final Map<String, String> settings;
  private final MockFaultHandler faults = new MockFaultHandler("broker process");

  private KafkaClusterTestKit(TestKitNodes nodes, Map<String, String> settings) {
    this.nodes = nodes;
    this.settings = settings;
    for (Integer id : nodes.brokerNodes().keySet()) brokers.put(id, standIn());
  }

  private BrokerServer standIn() {
    return mock(BrokerServer.class, withSettings().stubOnly().defaultAnswer(call -> switch (call.getMethod().getName()) {
      case "brokerState" -> process.isRunning() ? BrokerState.RUNNING : BrokerState.NOT_RUNNING;
      case "startup" -> {
        if (!process.isRunning()) process.launch();
        yield null;
      }
      case "shutdown" -> {
        process.end(false);
        yield null;
      }
      case "awaitShutdown" -> null;
      // Sets of brokers are made of them.
      case "hashCode" -> System.identityHashCode(call.getMock());
      case "equals" -> call.getMock() == call.getArgument(0);
      case "toString" -> "a broker process on port " + process.port;
      default -> throw new TestAbortedException("looks inside an embedded broker: " + call.getMethod());
    }));
  }

  public void format() {
    int first = brokers.keySet().iterator().next();
    settings.putAll(nodes.brokerNodes().get(first).propertyOverrides());
    for (String name : settings.keySet()) {
      if (name.equals("authorizer.class.name") || name.startsWith("sasl.") || name.startsWith("ssl.")) {
        throw new TestAbortedException("waits for: security, " + name);
      }
    }
    process.prepare(
        ServerProcess.fitForOne(settings),
        first,
        1,
        nodes.brokerListenerName().value(),
        nodes.controllerListenerName().value());
  }

  public void startup() {
    process.launch();
  }

  public void waitForReadyBrokers() {
    // launch() has waited.
  }

  public String bootstrapServers() {
    return "localhost:" + process.port;
  }

  public Map<Integer, BrokerServer> brokers() {
    return brokers;
  }

  public TestKitNodes nodes() {
    return nodes;
  }

  public MockFaultHandler fatalFaultHandler() {
    return faults;
  }

  public MockFaultHandler nonFatalFaultHandler() {
    return faults;
  }

  @Override
  public void close() {
    boolean died = process.hasDied();
    String log = died ? process.log() : "";
    process.end(true);
    process.deleteData();
    if (died) throw new AssertionError("the broker died during the test:\n" + log);
  }
}
