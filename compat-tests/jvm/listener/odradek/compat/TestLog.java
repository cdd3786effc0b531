/*
 * Writes a line for each test as it starts and as it ends, so that what a Java machine did is known even when it is killed or dies. JUnit's
 * own report is written at the end only, and names a template's invocations by their display names.
 *
 *   started  <class>.<method>  <invocation: 2, or nothing>
 *   passed | failed | skipped  <class>.<method>  <invocation>  <milliseconds>  <first line of the reason>
 *
 * Tab-separated; the file is the system property `compat.log`. JUnit's launcher finds this class through META-INF/services.
 */
package odradek.compat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.opentest4j.TestAbortedException;

public final class TestLog implements TestExecutionListener {
  private final Path file = Path.of(System.getProperty("compat.log"));
  private final Map<String, Long> startedAt = new ConcurrentHashMap<>();

  @Override
  public void executionStarted(TestIdentifier test) {
    startedAt.put(test.getUniqueId(), System.nanoTime());
    if (test.isTest()) write("started", name(test), invocation(test));
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    write("skipped", name(test), invocation(test), "0", reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
    // A container speaks only when it could not run what it holds.
    if (!test.isTest() && (passed || name(test).isEmpty())) return;
    long ms = (System.nanoTime() - startedAt.getOrDefault(test.getUniqueId(), System.nanoTime())) / 1_000_000;
    Throwable thrown = result.getThrowable().map(TestLog::abortOr).orElse(null);
    String verdict = passed ? "passed" : thrown instanceof TestAbortedException ? "skipped" : "failed";
    write(verdict, name(test), invocation(test), String.valueOf(ms), thrown == null ? "" : reason(thrown));
    if (verdict.equals("failed")) trace(test, thrown);
  }

  private static String name(TestIdentifier test) {
    var source = test.getSource().orElse(null);
    if (source instanceof MethodSource method) return simple(method.getClassName()) + "." + method.getMethodName();
    if (source instanceof ClassSource type) return simple(type.getClassName()) + ".<class>";
    return "";
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  private static String invocation(TestIdentifier test) {
    return Waiting.invocationOf(name(test), test.getUniqueIdObject(), test.getDisplayName());
  }

  /** The abort that caused it, where Kafka's waiting loops have wrapped one; else itself. */
  private static Throwable abortOr(Throwable thrown) {
    for (Throwable e = thrown; e != null; e = e.getCause()) if (e instanceof TestAbortedException) return e;
    return thrown;
  }

  private static String reason(Throwable e) {
    return String.valueOf(e).lines().findFirst().orElse("");
  }

  /** The whole story of a failure, for who mends it, on standard output. */
  private static void trace(TestIdentifier test, Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    System.out.println("FAILED " + name(test) + " " + test.getDisplayName() + "\n" + text);
  }

  private synchronized void write(String... fields) {
    for (int i = 0; i < fields.length; i++) fields[i] = fields[i].replaceAll("[\\t\\r\\n]+", " ");
    try {
      String line = String.join("\t", fields) + "\n";
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
