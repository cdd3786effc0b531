// Prints the facts of every setting that the Kafka on the class path knows: names, types, defaults, importance, ranges,
// dynamic scope; no prose. Written to broker/config/fixtures/kafka-settings.json, where broker/config/tables.test.ts
// compares our tables with it:
//   java -cp "<kafka jars>/*" compat-tests/settings/KafkaSettings.java > broker/config/fixtures/kafka-settings.json
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;

public class KafkaSettings {
  public static void main(String[] args) throws Exception {
    Map<String, ConfigDef.ConfigKey> broker = new TreeMap<>(definition("org.apache.kafka.server.config.DynamicConfig$Broker"));
    broker.putAll(AbstractKafkaConfig.CONFIG_DEF.configKeys());
    List<String> groups = new ArrayList<>();
    groups.add(group("broker", broker, DynamicBrokerConfig.dynamicConfigUpdateModes()));
    groups.add(group("topic", LogConfig.configKeys(), Map.of()));
    groups.add(group("group", definition("org.apache.kafka.coordinator.group.GroupConfig"), Map.of()));
    groups.add(group("clientMetrics", definition("org.apache.kafka.server.metrics.ClientMetricsConfigs"), Map.of()));
    StringJoiner synonyms = new StringJoiner(",\n");
    for (Map.Entry<String, List<ConfigSynonym>> entry : new TreeMap<>(ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS).entrySet())
      synonyms.add("  " + quoted(entry.getKey()) + ": " + entry.getValue().stream().map(s -> quoted(s.name())).toList());
    groups.add("\"synonyms\": {\n" + synonyms + "\n}");
    System.out.println("{\n" + String.join(",\n", groups) + "\n}");
  }

  static String group(String name, Map<String, ConfigDef.ConfigKey> keys, Map<String, String> modes) {
    StringJoiner lines = new StringJoiner(",\n");
    for (ConfigDef.ConfigKey key : new TreeMap<>(keys).values()) {
      StringJoiner facts = new StringJoiner(",", "{", "}");
      facts.add("\"type\":" + quoted(key.type));
      if (key.hasDefault()) facts.add("\"default\":" + defaultOf(key));
      facts.add("\"importance\":" + quoted(key.importance));
      if (key.validator != null) facts.add("\"validator\":" + quoted(validatorOf(key.validator)));
      String mode = modes.getOrDefault(key.name, "read-only");
      if (!mode.equals("read-only")) facts.add("\"dynamic\":" + quoted(mode));
      if (key.internalConfig) facts.add("\"internal\":true");
      lines.add("  " + quoted(key.name) + ": " + facts);
    }
    return quoted(name) + ": {\n" + lines + "\n}";
  }

  static String defaultOf(ConfigDef.ConfigKey key) {
    Object value = key.defaultValue;
    if (value == null) return "null";
    return quoted(value instanceof Password ? ((Password) value).value() : ConfigDef.convertToString(value, key.type));
  }

  static String validatorOf(ConfigDef.Validator validator) {
    String kind = validator.getClass().getSimpleName();
    StringBuilder text = new StringBuilder((kind.contains("$$Lambda") ? "Lambda" : kind) + ": " + validator);
    for (Field field : validator.getClass().getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) || field.getType() != boolean.class) continue;
      try {
        field.setAccessible(true);
        text.append(' ').append(field.getName()).append('=').append(field.get(validator));
      } catch (IllegalAccessException | RuntimeException hidden) {
        text.append(' ').append(field.getName()).append("=?");
      }
    }
    return text.toString();
  }

  @SuppressWarnings("unchecked")
  static Map<String, ConfigDef.ConfigKey> definition(String className) throws Exception {
    Class<?> owner = Class.forName(className);
    for (Field field : owner.getDeclaredFields())
      if (ConfigDef.class.isAssignableFrom(field.getType())) {
        field.setAccessible(true);
        return ((ConfigDef) field.get(null)).configKeys();
      }
    for (Method method : owner.getDeclaredMethods())
      if (ConfigDef.class.isAssignableFrom(method.getReturnType()) && method.getParameterCount() == 0) {
        method.setAccessible(true);
        return ((ConfigDef) method.invoke(null)).configKeys();
      }
    throw new IllegalStateException("no ConfigDef in " + className);
  }

  static String quoted(Object value) {
    return '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
