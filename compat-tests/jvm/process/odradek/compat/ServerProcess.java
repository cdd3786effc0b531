/*
 * A broker in a process of its own, for the Java seams. The command comes from the system property `compat.command` (words separated by
 * newlines; the properties file is appended), `compat.format` in the same way. The port is chosen once, so that a restart finds its clients again.
 */
package odradek.compat;

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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

public final class ServerProcess {
  public static final long PATIENCE_MS = 20_000;

  public final int port = freePort();
  public final int controllerPort = freePort();
  private Map<String, String> settings = Map.of();
  private Path home;
  private Process process;

  /** A fresh directory, and in it the settings. */
  public void prepare(Map<String, String> settings, int id, int disks, String listener, String controllerListener) {
    try {
      home = Files.createTempDirectory("broker-process");
      List<String> dirs = new ArrayList<>();
      for (int disk = 0; disk < disks; disk++) dirs.add(home.resolve("data" + disk).toString());
      Map<String, String> all = new TreeMap<>(settings);
      all.putIfAbsent("odradek.metrics.listener", "");
      all.put("log.dirs", String.join(",", dirs));
      all.put("process.roles", "broker,controller");
      all.put("node.id", String.valueOf(id));
      all.put("controller.quorum.voters", id + "@localhost:" + controllerPort);
      all.put("controller.listener.names", controllerListener);
      all.put("inter.broker.listener.name", listener);
      all.put("listener.security.protocol.map", controllerListener + ":PLAINTEXT," + listener + ":PLAINTEXT");
      all.put("listeners", listener + "://localhost:" + port + "," + controllerListener + "://localhost:" + controllerPort);
      all.put("advertised.listeners", listener + "://localhost:" + port);
      this.settings = all;
      List<String> lines = new ArrayList<>();
      all.forEach((name, value) -> lines.add(name + "=" + value.replace("\\", "\\\\")));
      Files.write(home.resolve("server.properties"), lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it was started with. */
  public Map<String, String> settings() {
    return settings;
  }

  /** What stands in the way of a cluster of one: counts of replicas become 1, here and in a topic's own settings. */
  public static boolean isCountOfReplicas(String name) {
    return name.endsWith("replication.factor") || name.endsWith("min.isr") || name.equals("min.insync.replicas");
  }

  public static Map<String, String> fitForOne(Map<String, String> settings) {
    Map<String, String> fit = new TreeMap<>(settings);
    fit.replaceAll((name, value) -> isCountOfReplicas(name) ? "1" : value);
    for (String name : List.of(
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
        "transaction.state.log.min.isr",
        "share.coordinator.state.topic.replication.factor",
        "share.coordinator.state.topic.min.isr")) {
      fit.put(name, "1");
    }
    fit.putIfAbsent("group.initial.rebalance.delay.ms", "0");
    fit.putIfAbsent("offsets.topic.num.partitions", "5");
    fit.putIfAbsent("log.cleaner.dedupe.buffer.size", "2097152");
    return fit;
  }

  /** Before the first launch: for a cluster that begins with the metadata.version of an older release. */
  public void format(String release) {
    Process formatting = run("compat.format", "--release-version", release, "--config");
    try {
      if (formatting.waitFor() != 0) throw new AssertionError("not formatted:\n" + log());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process run(String property, String... more) {
    List<String> command = new ArrayList<>(List.of(System.getProperty(property).split("\n")));
    command.addAll(List.of(more));
    command.add(home.resolve("server.properties").toString());
    File out = home.resolve("broker.log").toFile();
    try {
      return new ProcessBuilder(command)
          .directory(home.toFile())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(out))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void launch() {
    process = run("compat.command");
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    while (!accepts()) {
      if (!process.isAlive() || System.nanoTime() > deadline) throw new AssertionError("the broker did not start:\n" + log());
      sleep(5);
    }
  }

  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** It ended, and nobody had asked it to. */
  public boolean hasDied() {
    return process != null && !process.isAlive() && process.exitValue() != 0;
  }

  /** SIGTERM or SIGKILL; the data stay. */
  public void end(boolean force) {
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

  public void deleteData() {
    try (Stream<Path> files = Files.walk(home)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last lines that it wrote. */
  public String log() {
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

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
