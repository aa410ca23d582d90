import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Members of consumer groups in one process, told what to do by JSON lines on standard input:
 * {"do":"start","member":M,"topic":T or "pattern":P,"settings":{...}}, {"do":"leave","member":M},
 * {"do":"abandon","member":M} (gone without a word to the group, as if killed). What happens to them is written to
 * standard output, one JSON object a line, with the time in microseconds.
 */
public final class KafkaGroupClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Member> MEMBERS = new ConcurrentHashMap<>();

    private static synchronized void write(ObjectNode event) {
        Instant now = Instant.now();
        event.put("at", now.getEpochSecond() * 1_000_000L + now.getNano() / 1_000);
        System.out.println(event);
        System.out.flush();
    }

    /** One consumer with the thread that polls it. */
    private static final class Member extends Thread implements ConsumerRebalanceListener {
        private final String name;
        private final JsonNode command;
        private volatile String end = "";

        Member(String name, JsonNode command) {
            super(name);
            this.name = name;
            this.command = command;
        }

        private ObjectNode event(String what) {
            return JSON.createObjectNode().put("member", name).put("event", what);
        }

        private void partitions(String what, Collection<TopicPartition> partitions) {
            ObjectNode event = event(what);
            var list = event.putArray("partitions");
            partitions.forEach(partition -> list.add(partition.partition()));
            write(event);
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            partitions("assigned", partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions("revoked", partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            partitions("lost", partitions);
        }

        private void report(ConsumerRecords<byte[], String> records) {
            for (TopicPartition partition : records.partitions()) {
                ObjectNode event = event("records").put("partition", partition.partition());
                var offsets = event.putArray("offsets");
                var values = event.putArray("values");
                for (ConsumerRecord<byte[], String> record : records.records(partition)) {
                    offsets.add(record.offset());
                    values.add(record.value());
                }
                write(event);
            }
        }

        private void commit(KafkaConsumer<byte[], String> consumer, ConsumerRecords<byte[], String> records) {
            Map<TopicPartition, OffsetAndMetadata> offsets = new ConcurrentHashMap<>();
            for (TopicPartition partition : records.partitions()) {
                List<ConsumerRecord<byte[], String>> own = records.records(partition);
                offsets.put(partition, new OffsetAndMetadata(own.get(own.size() - 1).offset() + 1));
            }
            consumer.commitSync(offsets);
            ObjectNode event = event("committed");
            ObjectNode committed = event.putObject("offsets");
            offsets.forEach((partition, offset) -> committed.put(String.valueOf(partition.partition()), offset.offset()));
            write(event);
        }

        private void consume(KafkaConsumer<byte[], String> consumer) {
            if (command.hasNonNull("pattern")) {
                consumer.subscribe(new SubscriptionPattern(command.get("pattern").asText()), this);
            } else {
                consumer.subscribe(List.of(command.get("topic").asText()), this);
            }
            while (end.isEmpty()) {
                try {
                    ConsumerRecords<byte[], String> records = consumer.poll(Duration.ofMillis(100));
                    if (records.isEmpty()) continue;
                    report(records);
                    commit(consumer, records);
                } catch (org.apache.kafka.common.KafkaException e) {
                    write(event("error").put("message", e.getClass().getSimpleName() + ": " + e.getMessage()));
                }
            }
        }

        @Override
        public void run() {
            Properties properties = new Properties();
            properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
            properties.put("value.deserializer", StringDeserializer.class.getName());
            properties.put("enable.auto.commit", "false");
            properties.put("auto.offset.reset", "earliest");
            properties.put("enable.metrics.push", "false");
            properties.put("reconnect.backoff.max.ms", "300");
            properties.put("default.api.timeout.ms", "20000");
            command.get("settings").fields().forEachRemaining(e -> properties.put(e.getKey(), e.getValue().asText()));
            KafkaConsumer<byte[], String> consumer = new KafkaConsumer<>(properties);
            try {
                consume(consumer);
            } finally {
                CloseOptions options = CloseOptions.timeout(Duration.ofSeconds(5));
                if (end.equals("abandon")) {
                    write(event("killed"));
                    options.withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP);
                }
                consumer.close(options);
                if (!end.equals("abandon")) write(event("left"));
            }
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            JsonNode command = JSON.readTree(line);
            String name = command.get("member").asText();
            if (command.get("do").asText().equals("start")) {
                Member member = new Member(name, command);
                MEMBERS.put(name, member);
                member.setDaemon(true);
                member.start();
            } else {
                Member member = MEMBERS.remove(name);
                if (member != null) member.end = command.get("do").asText();
            }
        }
        System.exit(0);
    }
}
