/*
 * Leaves out the tests that wait for a feature: the file that the system property `compat.waiting` names has one a line,
 *
 *   <class>.<method>            a method, with all its invocations
 *   <class>.<method>[2]         the second invocation of a template
 *   <class>.<method>[a=1, b=2]  the same by its arguments, where the system property `compat.shuffled` names the template
 *
 * With the system property `compat.only` it leaves out all others instead. Jupiter finds this class through META-INF/services.
 */
package odradek.compat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.engine.UniqueId;

public final class Waiting implements ExecutionCondition {
  private static final Set<String> SHUFFLED = Set.of(System.getProperty("compat.shuffled", "").split(","));
  private final Set<String> names = read();
  private final boolean only = Boolean.getBoolean("compat.only");

  private static Set<String> read() {
    String file = System.getProperty("compat.waiting", "");
    if (file.isEmpty()) return Set.of();
    try {
      return Set.copyOf(Files.readAllLines(Path.of(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (context.getTestMethod().isEmpty()) return ConditionEvaluationResult.enabled("not a test");
    String method = context.getRequiredTestClass().getSimpleName() + "." + context.getRequiredTestMethod().getName();
    String invocation = invocationOf(method, UniqueId.parse(context.getUniqueId()), context.getDisplayName());
    boolean waits = names.contains(method) || names.contains(nameOf(method, invocation));
    if (!only) return waits ? ConditionEvaluationResult.disabled("waiting") : ConditionEvaluationResult.enabled("");
    // A template must be let in for its invocations' sake.
    boolean holds = invocation.isEmpty() && names.stream().anyMatch(name -> name.startsWith(method + "["));
    return waits || holds ? ConditionEvaluationResult.enabled("") : ConditionEvaluationResult.disabled("not waiting");
  }

  private static String nameOf(String method, String invocation) {
    return invocation.isEmpty() ? method : method + "[" + invocation + "]";
  }

  /** `2` for the second invocation of a template, `1/2` where the class is a template too, empty for a plain test. */
  static String invocationOf(String method, UniqueId id, String displayName) {
    String indexes = id.getSegments().stream()
        .filter(segment -> segment.getType().endsWith("-invocation"))
        .map(segment -> segment.getValue().replace("#", ""))
        .collect(Collectors.joining("/"));
    boolean isNamed = !indexes.isEmpty() && SHUFFLED.contains(method);
    return isNamed ? displayName.replaceAll("^.*\\)\\.|\"", "") : indexes;
  }
}
