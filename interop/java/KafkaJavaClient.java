import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Exercises a broker with Kafka's own Java clients. Arguments: bootstrap address, prefix for topic names.
 * Prints one JSON object: step name to what the clients returned; an exception becomes "error: Type: message".
 */
public final class KafkaJavaClient {
    private interface Step {
        Object run() throws Exception;
    }

    private final String bootstrap;
    private final String prefix;
    private final Map<String, Object> results = new LinkedHashMap<>();

    private KafkaJavaClient(String bootstrap, String prefix) {
        this.bootstrap = bootstrap;
        this.prefix = prefix;
    }

    public static void main(String[] args) throws Exception {
        KafkaJavaClient client = new KafkaJavaClient(args[0], args[1]);
        client.produceAndConsume();
        client.administer();
        System.out.println(new ObjectMapper().writeValueAsString(client.results));
        System.exit(0);
    }

    private void step(String name, Step step) {
        try {
            results.put(name, step.run());
        } catch (ExecutionException e) {
            results.put(name, "error: " + e.getCause().getClass().getSimpleName() + ": " + e.getCause().getMessage());
        } catch (Exception e) {
            results.put(name, "error: " + e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private Properties properties(String... pairs) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("key.serializer", ByteArraySerializer.class.getName());
        properties.put("value.serializer", ByteArraySerializer.class.getName());
        properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
        properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
        properties.put("enable.metrics.push", "false");
        properties.put("request.timeout.ms", "10000");
        properties.put("default.api.timeout.ms", "15000");
        for (int i = 0; i < pairs.length; i += 2) properties.put(pairs[i], pairs[i + 1]);
        return properties;
    }

    private static byte[] payload(int index, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) bytes[i] = (byte) (index * 31 + (i % 97) * 7);
        return bytes;
    }


    /** Sends 200 records with the settings, reads them all back by assignment and compares every byte. */
    private Object roundTrip(String topic, String... settings) throws Exception {
        List<byte[]> sent = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        Properties properties = properties(settings);
        properties.put("linger.ms", "5");
        properties.put("max.block.ms", "15000");
        properties.put("delivery.timeout.ms", "20000");
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties)) {
            List<Future<RecordMetadata>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                byte[] value = payload(i, i * 37);
                sent.add(value);
                ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(topic, 0, 1_700_000_000_000L + i, i % 3 == 0 ? null : payload(i, 8), value);
                record.headers().add("h", payload(i, 3)).add("n", null);
                answers.add(producer.send(record));
            }
            producer.flush();
            for (Future<RecordMetadata> answer : answers) offsets.add(answer.get().offset());
        }
        int equal = 0;
        int read = 0;
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.currentTimeMillis() + 10_000;
            while (read < sent.size() && System.currentTimeMillis() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    int i = read++;
                    boolean same = i < sent.size()
                        && Arrays.equals(record.value(), sent.get(i))
                        && Arrays.equals(record.key(), i % 3 == 0 ? null : payload(i, 8))
                        && record.timestamp() == 1_700_000_000_000L + i
                        && Arrays.equals(record.headers().lastHeader("h").value(), payload(i, 3))
                        && record.headers().lastHeader("n").value() == null;
                    if (same) equal++;
                }
            }
        }
        Map<String, Object> answer = new TreeMap<>();
        answer.put("firstOffset", offsets.get(0));
        answer.put("lastOffset", offsets.get(offsets.size() - 1));
        answer.put("read", read);
        answer.put("equal", equal);
        return answer;
    }

    private void produceAndConsume() throws Exception {
        try (Admin admin = Admin.create(properties())) {
            List<NewTopic> topics = new ArrayList<>();
            for (String suffix : List.of("none", "gzip", "snappy", "lz4", "zstd", "acks0", "acks1", "plain")) {
                topics.add(new NewTopic(prefix + suffix, 1, (short) 1));
            }
            admin.createTopics(topics).all().get();
        }
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            step("codec " + codec, () -> roundTrip(prefix + codec, "compression.type", codec));
        }
        step("acks 0", () -> roundTrip(prefix + "acks0", "acks", "0", "enable.idempotence", "false"));
        step("acks 1", () -> roundTrip(prefix + "acks1", "acks", "1", "enable.idempotence", "false"));
        step("acks all, not idempotent", () -> roundTrip(prefix + "plain", "acks", "all", "enable.idempotence", "false"));
        step("consumer offsets", this::consumerOffsets);
        step("consumer beyond the end", this::consumeOutOfRange);
    }

    private Object consumerOffsets() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties("auto.offset.reset", "none"))) {
            TopicPartition partition = new TopicPartition(prefix + "gzip", 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, 150);
            ConsumerRecord<byte[], byte[]> first = consumer.poll(Duration.ofSeconds(5)).records(partition).get(0);
            Map<String, Object> answer = new TreeMap<>();
            answer.put("first", first.offset());
            answer.put("beginning", consumer.beginningOffsets(Set.of(partition)).get(partition));
            answer.put("end", consumer.endOffsets(Set.of(partition)).get(partition));
            answer.put("forTime", consumer.offsetsForTimes(Map.of(partition, 1_700_000_000_100L)).get(partition).offset());
            answer.put("partitions", consumer.partitionsFor(prefix + "gzip").size());
            return answer;
        }
    }

    private Object consumeOutOfRange() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties("auto.offset.reset", "none"))) {
            TopicPartition partition = new TopicPartition(prefix + "gzip", 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, 5000);
            consumer.poll(Duration.ofSeconds(5));
            return "no error";
        }
    }

    private void administer() throws Exception {
        try (Admin admin = Admin.create(properties())) {
            createTopics(admin);
            describe(admin);
            configs(admin);
            partitionsAndRecords(admin);
            step("deleteTopics", () -> {
                admin.deleteTopics(List.of(prefix + "plain")).all().get();
                return admin.listTopics().names().get().contains(prefix + "plain");
            });
            step("deleteTopics unknown", () -> admin.deleteTopics(List.of(prefix + "unknown")).all().get());
        }
    }

    private void createTopics(Admin admin) {
        step("createTopics defaults", () -> {
            NewTopic topic = new NewTopic(prefix + "defaults", Optional.empty(), Optional.empty());
            var created = admin.createTopics(List.of(topic));
            Map<String, Object> answer = new TreeMap<>();
            answer.put("partitions", created.numPartitions(topic.name()).get());
            answer.put("replicas", created.replicationFactor(topic.name()).get());
            answer.put("cleanup", created.config(topic.name()).get().get("cleanup.policy").value());
            return answer;
        });
        step("createTopics assignments", () -> {
            NewTopic topic = new NewTopic(prefix + "assigned", Map.of(0, List.of(1), 1, List.of(1), 2, List.of(1)));
            admin.createTopics(List.of(topic)).all().get();
            return admin.describeTopics(List.of(topic.name())).allTopicNames().get().get(topic.name()).partitions().size();
        });
        step("createTopics configs", () -> {
            NewTopic topic = new NewTopic(prefix + "configured", 2, (short) 1)
                .configs(Map.of("retention.ms", "123456", "cleanup.policy", "compact"));
            Config config = admin.createTopics(List.of(topic)).config(topic.name()).get();
            return config.get("retention.ms").value() + " " + config.get("cleanup.policy").value();
        });
        step("createTopics validateOnly", () -> {
            NewTopic topic = new NewTopic(prefix + "validated", 7, (short) 1);
            int partitions = admin.createTopics(List.of(topic), new CreateTopicsOptions().validateOnly(true))
                .numPartitions(topic.name()).get();
            return partitions + " " + admin.listTopics().names().get().contains(topic.name());
        });
        step("createTopics exists", () -> admin.createTopics(List.of(new NewTopic(prefix + "gzip", 1, (short) 1))).all().get());
        step("createTopics bad name", () -> admin.createTopics(List.of(new NewTopic("a b", 1, (short) 1))).all().get());
        step("createTopics too many replicas",
            () -> admin.createTopics(List.of(new NewTopic(prefix + "r3", 1, (short) 3))).all().get());
        step("createTopics bad config", () -> admin.createTopics(
            List.of(new NewTopic(prefix + "bad", 1, (short) 1).configs(Map.of("retention.ms", "soon")))).all().get());
    }

    private void describe(Admin admin) {
        step("describeCluster", () -> {
            var cluster = admin.describeCluster();
            return cluster.nodes().get().size() + " " + (cluster.clusterId().get().length() == 22)
                + " " + cluster.controller().get().id();
        });
        step("describeTopics", () -> {
            TopicDescription topic = admin.describeTopics(List.of(prefix + "configured")).allTopicNames().get()
                .get(prefix + "configured");
            return topic.partitions().size() + " " + topic.isInternal() + " " + topic.partitions().get(1).isr().size();
        });
        step("describeTopics unknown", () -> admin.describeTopics(List.of(prefix + "unknown")).allTopicNames().get());
        step("describeLogDirs", () -> {
            TopicPartition partition = new TopicPartition(prefix + "gzip", 0);
            var folders = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).values();
            return folders.stream().mapToLong(folder -> folder.replicaInfos().containsKey(partition)
                ? folder.replicaInfos().get(partition).size() : 0).sum() > 1000;
        });
        Map<String, OffsetSpec> specs = new LinkedHashMap<>();
        specs.put("earliest", OffsetSpec.earliest());
        specs.put("latest", OffsetSpec.latest());
        specs.put("maxTimestamp", OffsetSpec.maxTimestamp());
        specs.put("forTimestamp", OffsetSpec.forTimestamp(1_700_000_000_120L));
        specs.put("forTimestamp late", OffsetSpec.forTimestamp(1_800_000_000_000L));
        specs.put("earliestLocal", OffsetSpec.earliestLocal());
        specs.put("latestTiered", OffsetSpec.latestTiered());
        specs.forEach((name, spec) -> step("listOffsets " + name, () -> {
            TopicPartition partition = new TopicPartition(prefix + "gzip", 0);
            var info = admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get();
            return info.offset() + " " + info.timestamp();
        }));
    }

    private String topicConfig(Admin admin, String topic, String key) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        ConfigEntry entry = admin.describeConfigs(List.of(resource)).all().get().get(resource).get(key);
        return entry.value() + " " + entry.source();
    }

    private void alter(Admin admin, String topic, AlterConfigOp.OpType type, String key, String value) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Collection<AlterConfigOp> operations = List.of(new AlterConfigOp(new ConfigEntry(key, value), type));
        admin.incrementalAlterConfigs(Map.of(resource, operations)).all().get();
    }

    private void configs(Admin admin) {
        String topic = prefix + "configured";
        step("describeConfigs topic", () -> topicConfig(admin, topic, "retention.ms"));
        step("describeConfigs default", () -> topicConfig(admin, topic, "segment.bytes"));
        step("describeConfigs broker", () -> {
            ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, "1");
            Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            return config.get("num.partitions").value() + " " + config.get("num.partitions").isReadOnly();
        });
        step("incrementalAlterConfigs set", () -> {
            alter(admin, topic, AlterConfigOp.OpType.SET, "retention.ms", "777");
            return topicConfig(admin, topic, "retention.ms");
        });
        step("incrementalAlterConfigs append", () -> {
            alter(admin, topic, AlterConfigOp.OpType.APPEND, "cleanup.policy", "delete");
            return topicConfig(admin, topic, "cleanup.policy");
        });
        step("incrementalAlterConfigs subtract", () -> {
            alter(admin, topic, AlterConfigOp.OpType.SUBTRACT, "cleanup.policy", "compact");
            return topicConfig(admin, topic, "cleanup.policy");
        });
        step("incrementalAlterConfigs delete", () -> {
            alter(admin, topic, AlterConfigOp.OpType.DELETE, "retention.ms", null);
            return topicConfig(admin, topic, "retention.ms");
        });
        step("incrementalAlterConfigs bad", () -> {
            alter(admin, topic, AlterConfigOp.OpType.SET, "segment.bytes", "many");
            return "no error";
        });
    }

    private void partitionsAndRecords(Admin admin) {
        step("createPartitions", () -> {
            admin.createPartitions(Map.of(prefix + "configured", NewPartitions.increaseTo(5))).all().get();
            return admin.describeTopics(List.of(prefix + "configured")).allTopicNames().get()
                .get(prefix + "configured").partitions().size();
        });
        step("createPartitions fewer", () ->
            admin.createPartitions(Map.of(prefix + "configured", NewPartitions.increaseTo(2))).all().get());
        TopicPartition partition = new TopicPartition(prefix + "lz4", 0);
        step("deleteRecords", () -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(60)))
            .lowWatermarks().get(partition).get().lowWatermark());
        step("deleteRecords beyond the end", () ->
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(6000))).all().get());
        step("first record after deleteRecords", () -> {
            try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties("auto.offset.reset", "earliest"))) {
                consumer.assign(List.of(partition));
                consumer.seek(partition, 0);
                return consumer.poll(Duration.ofSeconds(5)).records(partition).get(0).offset();
            }
        });
    }
}
