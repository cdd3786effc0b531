// The calls that only the newer release's Java client knows: share groups, streams groups, listings by kind. See EveryCall.java.
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

public class ShareCalls {
  static void call(String name, Callable<KafkaFuture<?>> call) {
    try {
      call.call().get(15, TimeUnit.SECONDS);
      System.out.println("ok " + name);
    } catch (Throwable error) {
      System.out.println("-- " + name + ": " + (error.getCause() == null ? error : error.getCause()));
    }
  }

  public static void main(String[] args) throws Exception {
    Properties p = new Properties();
    p.put("bootstrap.servers", args[0]);
    p.put("client.id", "java");
    Admin admin = Admin.create(p);
    call("earliest", () -> admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, "share"),
      List.of(new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET)))).all());
    call("createTopics", () -> admin.createTopics(List.of(new NewTopic("shared", 1, (short) 1))).all());
    try (Producer<String, String> producer = new KafkaProducer<>(p, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < 5; i++) producer.send(new ProducerRecord<>("shared", 0, "k" + i, "v" + i)).get();
    }
    Properties q = new Properties();
    q.putAll(p);
    q.put("group.id", "share");
    q.put("share.acknowledgement.mode", "explicit");
    try (ShareConsumer<String, String> consumer = new KafkaShareConsumer<>(q, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of("shared"));
      boolean got = false;
      for (int i = 0; i < 30 && !got; i++) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
          got = true;
          consumer.acknowledge(record, record.offset() == 1 ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT);
        }
        consumer.commitSync();
      }
      System.out.println((got ? "ok" : "--") + " share consumer");
      call("describeShareGroups", () -> admin.describeShareGroups(List.of("share")).all());
    } catch (Exception error) { System.out.println("-- share " + error); }
    call("listShareGroupOffsets", () -> admin.listShareGroupOffsets(Map.of("share", new ListShareGroupOffsetsSpec())).all());
    call("alterShareGroupOffsets", () -> admin.alterShareGroupOffsets("share", Map.of(new TopicPartition("shared", 0), 2L)).all());
    call("deleteShareGroupOffsets", () -> admin.deleteShareGroupOffsets("share", java.util.Set.of("shared")).all());
    call("deleteShareGroups", () -> admin.deleteShareGroups(List.of("share")).all());
    call("describeStreamsGroups", () -> admin.describeStreamsGroups(List.of("none")).all());
    call("listGroups", () -> admin.listGroups().all());
    call("listConfigResources", () -> admin.listConfigResources().all());
    admin.close(Duration.ofSeconds(5));
    System.exit(0);
  }
}
