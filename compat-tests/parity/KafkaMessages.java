// Prints the facts of every message and error that the Kafka on the class path knows: names, types, versions, nullability,
// tags, defaults, entity types; no prose. protocol/parity.test.ts compares our schemas with what it printed:
//   java -cp "<kafka jars>/*" compat-tests/parity/KafkaMessages.java > protocol/fixtures/parity/kafka-<release>.tsv
//
//   error    <code> <name> <retriable>
//   message  <name> <type> <apiKey> <validVersions> <flexibleVersions> <listeners> <latestVersionUnstable>
//   <depth>  <name> <type> <versions> <nullableVersions> <tag> <taggedVersions> <default> <flags>
//
// Columns are separated by tabs, an absent fact is "-". Fields follow their message, depth first, a struct's own below it.
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;

public class KafkaMessages {
  private static final ObjectMapper JSON = new ObjectMapper().configure(JsonParser.Feature.ALLOW_COMMENTS, true);

  public static void main(String[] args) throws Exception {
    for (Errors error : Errors.values()) {
      row("error", error.code(), error.name(), error.exception() instanceof RetriableException);
    }
    Map<String, JsonNode> messages = new TreeMap<>();
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (new File(path).getName().matches("kafka-.*\\.jar")) collect(path, messages);
    }
    for (JsonNode message : messages.values()) print(message);
  }

  private static void collect(String path, Map<String, JsonNode> messages) throws Exception {
    try (ZipFile jar = new ZipFile(path)) {
      for (ZipEntry entry : new ArrayList<>(java.util.Collections.list(jar.entries()))) {
        if (!entry.getName().endsWith(".json")) continue;
        try (InputStream in = jar.getInputStream(entry)) {
          JsonNode node = JSON.readTree(in);
          if (node.has("validVersions")) messages.put(node.get("name").asText(), node);
        }
      }
    }
  }

  private static void print(JsonNode message) {
    row("message", text(message, "name"), text(message, "type"), text(message, "apiKey"), text(message, "validVersions"),
      text(message, "flexibleVersions"), listeners(message), text(message, "latestVersionUnstable"));
    Map<String, JsonNode> common = new HashMap<>();
    for (JsonNode struct : message.path("commonStructs")) common.put(text(struct, "name"), struct.get("fields"));
    fields(message.path("fields"), common, 1);
  }

  private static void fields(JsonNode fields, Map<String, JsonNode> common, int depth) {
    for (JsonNode field : fields) {
      String type = text(field, "type");
      List<String> flags = new ArrayList<>();
      if (field.has("entityType")) flags.add("entity=" + text(field, "entityType"));
      if (field.path("ignorable").asBoolean()) flags.add("ignorable");
      if (field.path("mapKey").asBoolean()) flags.add("key");
      if (text(field, "flexibleVersions").equals("none")) flags.add("plain");
      String tagged = text(field, "taggedVersions");
      row(depth, text(field, "name"), type, field.has("versions") ? text(field, "versions") : tagged,
        text(field, "nullableVersions"), text(field, "tag"), tagged, text(field, "default"),
        flags.isEmpty() ? "-" : String.join(",", flags));
      String struct = type.startsWith("[]") ? type.substring(2) : type;
      JsonNode nested = field.path("fields").isEmpty() ? common.get(struct) : field.get("fields");
      if (nested != null) fields(nested, common, depth + 1);
    }
  }

  private static String text(JsonNode node, String name) {
    return node.hasNonNull(name) ? node.get(name).asText() : "-";
  }

  private static String listeners(JsonNode message) {
    List<String> names = new ArrayList<>();
    for (JsonNode name : message.path("listeners")) names.add(name.asText());
    return names.isEmpty() ? "-" : String.join(",", names);
  }

  private static void row(Object... cells) {
    StringBuilder line = new StringBuilder();
    for (Object cell : cells) line.append(line.length() == 0 ? "" : "\t").append(cell);
    System.out.println(line);
  }
}
