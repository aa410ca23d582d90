// Command franz-go-client exercises a broker with franz-go. Arguments: bootstrap address, prefix for topic names.
// It prints one JSON object: step name to what the client returned; a failure becomes "error: ...".
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var results = map[string]any{}

func step(name string, run func(ctx context.Context) (any, error)) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	value, err := run(ctx)
	if err != nil {
		if known := (*kerr.Error)(nil); asKafkaError(err, &known) {
			results[name] = "error: " + known.Message
			return
		}
		results[name] = "error: " + err.Error()
		return
	}
	results[name] = value
}

func asKafkaError(err error, target **kerr.Error) bool {
	for err != nil {
		if known, ok := err.(*kerr.Error); ok {
			*target = known
			return true
		}
		unwrapper, ok := err.(interface{ Unwrap() error })
		if !ok {
			return false
		}
		err = unwrapper.Unwrap()
	}
	return false
}

func payload(index, size int) []byte {
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(index*31 + (i%97)*7)
	}
	return out
}

func record(topic string, index int) *kgo.Record {
	return &kgo.Record{
		Topic:     topic,
		Partition: 0,
		Key:       payload(index, 8),
		Value:     payload(index, index*37),
		Headers:   []kgo.RecordHeader{{Key: "h", Value: payload(index, 3)}},
		Timestamp: time.UnixMilli(1_700_000_000_000 + int64(index)),
	}
}

const count = 200

// roundTrip produces, reads everything back by assignment and compares every byte.
func roundTrip(ctx context.Context, bootstrap, topic string, opts ...kgo.Opt) (any, error) {
	opts = append(opts, kgo.SeedBrokers(bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	producer, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	defer producer.Close()
	records := make([]*kgo.Record, count)
	for i := range records {
		records[i] = record(topic, i)
	}
	if err := producer.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return nil, err
	}
	from := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
	consumer, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ConsumePartitions(from))
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	read, equal := 0, 0
	for read < count {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		for _, got := range fetches.Records() {
			want := record(topic, read)
			same := got.Offset == int64(read) && bytes.Equal(got.Key, want.Key) && bytes.Equal(got.Value, want.Value) &&
				got.Timestamp.Equal(want.Timestamp) && bytes.Equal(got.Headers[0].Value, want.Headers[0].Value)
			if same {
				equal++
			}
			read++
		}
	}
	return map[string]any{"read": read, "equal": equal}, nil
}

func produceAndConsume(bootstrap, prefix string, admin *kadm.Client) {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	for name, codec := range codecs {
		step("codec "+name, func(ctx context.Context) (any, error) {
			if _, err := admin.CreateTopic(ctx, 1, 1, nil, prefix+name); err != nil {
				return nil, err
			}
			return roundTrip(ctx, bootstrap, prefix+name, kgo.ProducerBatchCompression(codec))
		})
	}
	for name, acks := range map[string]kgo.Acks{"acks 0": kgo.NoAck(), "acks 1": kgo.LeaderAck()} {
		step(name, func(ctx context.Context) (any, error) {
			topic := prefix + name[:4] + name[5:]
			if _, err := admin.CreateTopic(ctx, 1, 1, nil, topic); err != nil {
				return nil, err
			}
			return roundTrip(ctx, bootstrap, topic, kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite())
		})
	}
}

func offset(listed kadm.ListedOffsets, err error, topic string) (any, error) {
	if err != nil {
		return nil, err
	}
	found, _ := listed.Lookup(topic, 0)
	return found.Offset, found.Err
}

func administer(prefix string, admin *kadm.Client) {
	topic := prefix + "gzip"
	step("metadata", func(ctx context.Context) (any, error) {
		metadata, err := admin.Metadata(ctx)
		return fmt.Sprintf("%d brokers, controller %d, id of %d", len(metadata.Brokers), metadata.Controller,
			len(metadata.Cluster)), err
	})
	step("createTopic defaults", func(ctx context.Context) (any, error) {
		created, err := admin.CreateTopic(ctx, -1, -1, map[string]*string{"retention.ms": kadm.StringPtr("5000")}, prefix+"d")
		return fmt.Sprintf("%d %d", created.NumPartitions, created.ReplicationFactor), err
	})
	step("createTopic exists", func(ctx context.Context) (any, error) {
		return admin.CreateTopic(ctx, 1, 1, nil, topic)
	})
	step("createTopic bad name", func(ctx context.Context) (any, error) {
		return admin.CreateTopic(ctx, 1, 1, nil, "a/b")
	})
	step("validateCreateTopics", func(ctx context.Context) (any, error) {
		answer, err := admin.ValidateCreateTopics(ctx, 3, 1, nil, prefix+"v")
		if err != nil {
			return nil, err
		}
		return answer[prefix+"v"].NumPartitions, answer[prefix+"v"].Err
	})
	step("listTopics", func(ctx context.Context) (any, error) {
		listed, err := admin.ListTopics(ctx, topic, prefix+"v")
		if err != nil {
			return nil, err
		}
		return fmt.Sprintf("%d partition(s), validated exists: %t", len(listed[topic].Partitions), listed[prefix+"v"].Err == nil), nil
	})
	step("createPartitions", func(ctx context.Context) (any, error) {
		answer, err := admin.UpdatePartitions(ctx, 4, prefix+"d")
		if err != nil {
			return nil, err
		}
		return "ok", answer[prefix+"d"].Err
	})
	step("startOffsets", func(ctx context.Context) (any, error) {
		listed, err := admin.ListStartOffsets(ctx, topic)
		return offset(listed, err, topic)
	})
	step("endOffsets", func(ctx context.Context) (any, error) {
		listed, err := admin.ListEndOffsets(ctx, topic)
		return offset(listed, err, topic)
	})
	step("committedOffsets", func(ctx context.Context) (any, error) {
		listed, err := admin.ListCommittedOffsets(ctx, topic)
		return offset(listed, err, topic)
	})
	step("offsetsAfterMilli", func(ctx context.Context) (any, error) {
		listed, err := admin.ListOffsetsAfterMilli(ctx, 1_700_000_000_150, topic)
		return offset(listed, err, topic)
	})
	configs(prefix, admin)
	records(prefix, admin)
	step("deleteTopic", func(ctx context.Context) (any, error) {
		answer, err := admin.DeleteTopic(ctx, prefix+"d")
		return answer.Topic == prefix+"d", err
	})
	step("deleteTopic unknown", func(ctx context.Context) (any, error) {
		return admin.DeleteTopic(ctx, prefix+"unknown")
	})
}

func configs(prefix string, admin *kadm.Client) {
	read := func(ctx context.Context) (any, error) {
		described, err := admin.DescribeTopicConfigs(ctx, prefix+"d")
		if err != nil {
			return nil, err
		}
		for _, config := range described[0].Configs {
			if config.Key == "retention.ms" {
				return config.MaybeValue() + " " + config.Source.String(), nil
			}
		}
		return nil, fmt.Errorf("retention.ms is not described")
	}
	step("describeTopicConfigs", read)
	step("alterTopicConfigs", func(ctx context.Context) (any, error) {
		change := []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: kadm.StringPtr("9999")}}
		if _, err := admin.AlterTopicConfigs(ctx, change, prefix+"d"); err != nil {
			return nil, err
		}
		return read(ctx)
	})
	step("alterTopicConfigs delete", func(ctx context.Context) (any, error) {
		change := []kadm.AlterConfig{{Op: kadm.DeleteConfig, Name: "retention.ms"}}
		if _, err := admin.AlterTopicConfigs(ctx, change, prefix+"d"); err != nil {
			return nil, err
		}
		return read(ctx)
	})
	step("describeBrokerConfigs", func(ctx context.Context) (any, error) {
		described, err := admin.DescribeBrokerConfigs(ctx, 1)
		return err == nil && len(described[0].Configs) > 10, err
	})
}

func records(prefix string, admin *kadm.Client) {
	step("deleteRecords", func(ctx context.Context) (any, error) {
		var until kadm.Offsets
		until.Add(kadm.Offset{Topic: prefix + "lz4", Partition: 0, At: 77, LeaderEpoch: -1})
		answer, err := admin.DeleteRecords(ctx, until)
		if err != nil {
			return nil, err
		}
		found, _ := answer.Lookup(prefix+"lz4", 0)
		return found.LowWatermark, found.Err
	})
	step("describeLogDirs", func(ctx context.Context) (any, error) {
		described, err := admin.DescribeAllLogDirs(ctx, nil)
		if err != nil {
			return nil, err
		}
		total := int64(0)
		described.Each(func(dir kadm.DescribedLogDir) { total += dir.Size() })
		return total > 1000, nil
	})
}

func main() {
	if os.Args[1] == "group" {
		consumeInGroup(os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6])
		return
	}
	bootstrap, prefix := os.Args[1], os.Args[2]
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	produceAndConsume(bootstrap, prefix, admin)
	administer(prefix, admin)
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		os.Exit(1)
	}
}
