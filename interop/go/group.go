package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var writing sync.Mutex

// report writes what happened to the member as one JSON line, with the time in microseconds.
func report(member, event string, fields map[string]any) {
	writing.Lock()
	defer writing.Unlock()
	line := map[string]any{"member": member, "event": event, "at": time.Now().UnixMicro()}
	for name, value := range fields {
		line[name] = value
	}
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

func partitionsOf(member, event string) func(context.Context, *kgo.Client, map[string][]int32) {
	return func(_ context.Context, _ *kgo.Client, topics map[string][]int32) {
		partitions := []int32{}
		for _, own := range topics {
			partitions = append(partitions, own...)
		}
		sort.Slice(partitions, func(i, j int) bool { return partitions[i] < partitions[j] })
		report(member, event, map[string]any{"partitions": partitions})
	}
}

// handle reports and commits what was polled.
func handle(ctx context.Context, client *kgo.Client, member string, fetches kgo.Fetches) {
	committed := map[string]int64{}
	fetches.EachPartition(func(partition kgo.FetchTopicPartition) {
		if len(partition.Records) == 0 {
			return
		}
		read, values := []int64{}, []string{}
		for _, record := range partition.Records {
			read = append(read, record.Offset)
			values = append(values, string(record.Value))
		}
		fields := map[string]any{"partition": partition.Partition, "offsets": read, "values": values}
		report(member, "records", fields)
		last := partition.Records[len(partition.Records)-1]
		committed[fmt.Sprint(partition.Partition)] = last.Offset + 1
	})
	if len(committed) == 0 {
		return
	}
	if err := client.CommitRecords(ctx, fetches.Records()...); err != nil {
		report(member, "error", map[string]any{"message": err.Error()})
		return
	}
	report(member, "committed", map[string]any{"offsets": committed})
}

// consumeInGroup lives as a member of a group until SIGTERM: arguments are bootstrap, member, group, topic, protocol.
func consumeInGroup(bootstrap, member, group, topic, protocol string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(bootstrap, ",")...), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(partitionsOf(member, "assigned")),
		kgo.OnPartitionsRevoked(partitionsOf(member, "revoked")),
		kgo.OnPartitionsLost(partitionsOf(member, "lost")),
	}
	if protocol == "consumer" {
		options = append(options, kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))
	} else {
		options = append(options, kgo.Balancers(kgo.CooperativeStickyBalancer()),
			kgo.SessionTimeout(6*time.Second), kgo.HeartbeatInterval(500*time.Millisecond))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for ctx.Err() == nil {
		polling, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		fetches := client.PollFetches(polling)
		cancel()
		handle(context.Background(), client, member, fetches)
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
	report(member, "left", nil)
}
