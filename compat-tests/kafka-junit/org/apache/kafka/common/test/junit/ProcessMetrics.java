/*
 * The metrics of the broker process, read from its /metrics, where a test looks for those of a broker in its own machine: gauges of the
 * Yammer registry, Kafka's own metrics by name, and the pool of request memory.
 */
package org.apache.kafka.common.test.junit;

import com.yammer.metrics.core.Gauge;
import com.yammer.metrics.core.MetricName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import odradek.compat.ServerProcess;
import org.apache.kafka.server.metrics.KafkaYammerMetrics;

final class ProcessMetrics {
  /** Kafka's type and name; the process calls it kafka_<group>_<type>_<name>, in small letters. */
  private record Shown(String group, String type, String name) {
    MetricName yammer() {
      return KafkaYammerMetrics.getMetricName("kafka." + group, type, name);
    }

    String exposed() {
      return ("kafka_" + group + "_" + type + "_" + name).toLowerCase();
    }
  }

  private static final List<Shown> GAUGES = List.of(
      new Shown("controller", "KafkaController", "OfflinePartitionsCount"),
      new Shown("controller", "KafkaController", "PreferredReplicaImbalanceCount"),
      new Shown("server", "ReplicaManager", "UnderReplicatedPartitions"));

  final int port = ServerProcess.freePort();

  /** The registry is one for the whole Java machine: what an earlier broker left there goes. */
  void register() {
    unregister();
    for (Shown shown : GAUGES) {
      KafkaYammerMetrics.defaultRegistry().newGauge(shown.yammer(), new Gauge<Integer>() {
        @Override
        public Integer value() {
          return (int) ProcessMetrics.this.value(shown.exposed());
        }
      });
    }
  }

  void unregister() {
    GAUGES.forEach(shown -> KafkaYammerMetrics.defaultRegistry().removeMetric(shown.yammer()));
  }

  /** Of a series without labels. */
  double value(String series) {
    return scrape().stream()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("the broker shows no " + series));
  }

  /** Whether there is a series of this group and name whose labels hold all of these values. */
  boolean shows(org.apache.kafka.common.MetricName name) {
    String series = ("kafka_server_" + name.group() + "_" + name.name()).replace('-', '_').toLowerCase();
    return scrape().stream().anyMatch(line -> line.startsWith(series)
        && name.tags().values().stream().allMatch(value -> value.isEmpty() || line.contains('"' + value + '"')));
  }

  /** The endpoint opens after the broker serves. No client that would leave threads behind: Kafka's framework looks for those. */
  private List<String> scrape() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ServerProcess.PATIENCE_MS);
    while (true) {
      try {
        URLConnection connection = URI.create("http://localhost:" + port + "/metrics").toURL().openConnection();
        connection.setRequestProperty("Connection", "close");
        try (InputStream body = connection.getInputStream()) {
          return new String(body.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
      } catch (IOException e) {
        if (System.nanoTime() > deadline) throw new UncheckedIOException(e);
        ServerProcess.sleep(50);
      }
    }
  }
}
