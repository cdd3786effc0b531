/*
 * Takes the place, by its name, of the class through which Kafka's test framework builds an embedded cluster for one @ClusterTest: here
 * it is a broker process instead (BrokerProcess). What is asked for and one plain process cannot be is aborted, so that JUnit reports it
 * as skipped with the reason.
 */
package org.apache.kafka.common.test.junit;

import java.util.List;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.api.Type;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.opentest4j.TestAbortedException;

public class RaftClusterInvocationContext implements TestTemplateInvocationContext {
  private final String name;
  private final ClusterConfig config;
  private final boolean isCombined;

  public RaftClusterInvocationContext(String name, ClusterConfig config, boolean isCombined) {
    this.name = name;
    this.config = config;
    this.isCombined = isCombined;
  }

  @Override
  public String getDisplayName(int index) {
    return name + " [" + index + "]";
  }

  @Override
  public List<Extension> getAdditionalExtensions() {
    BrokerProcess broker = new BrokerProcess(config, isCombined ? Type.CO_KRAFT : Type.KRAFT);
    BeforeEachCallback before = context -> {
      refuseWhatWeAreNot();
      if (config.isAutoStart()) broker.start();
    };
    // As in Kafka's own class a test's @AfterEach finds the cluster gone; the second is for a @BeforeEach that threw.
    AfterTestExecutionCallback after = context -> broker.stop();
    AfterEachCallback inAnyCase = context -> broker.stop();
    return List.of(before, after, inAnyCase, new ClusterInstanceParameterResolver(broker));
  }

  /** The order matters only for the reason given. */
  private void refuseWhatWeAreNot() {
    boolean both = config.clusterTypes().contains(Type.KRAFT) && config.clusterTypes().contains(Type.CO_KRAFT);
    if (both && !isCombined) throw new TestAbortedException("one process is broker and controller: run as CO_KRAFT");
    if (config.brokerSecurityProtocol() != SecurityProtocol.PLAINTEXT) {
      throw new TestAbortedException("waits for: security, a listener " + config.brokerSecurityProtocol());
    }
    if (config.controllerSecurityProtocol() != SecurityProtocol.PLAINTEXT) {
      throw new TestAbortedException("waits for: security, a controller listener " + config.controllerSecurityProtocol());
    }
    if (config.serverProperties().containsKey("authorizer.class.name")) {
      throw new TestAbortedException("waits for: security, an authorizer");
    }
  }
}
