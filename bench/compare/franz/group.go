package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// rebalance: n members share the topic. One more comes, until it has its part and nobody else has it; it leaves, until the others have
// everything again. Members ask ten times a second whether something has changed, which is the floor of both.
func rebalance() map[string]any {
	var owned atomic.Int64
	member := func(mine *atomic.Int64) *kgo.Client {
		count := func(sign int64) func(context.Context, *kgo.Client, map[string][]int32) {
			return func(_ context.Context, _ *kgo.Client, changed map[string][]int32) {
				n := sign * int64(len(changed[*topic]))
				owned.Add(n)
				mine.Add(n)
			}
		}
		options := []kgo.Opt{
			kgo.ConsumerGroup(*topic + "-group"), kgo.ConsumeTopics(*topic), kgo.HeartbeatInterval(100 * time.Millisecond),
			kgo.OnPartitionsAssigned(count(1)), kgo.OnPartitionsRevoked(count(-1)), kgo.OnPartitionsLost(count(-1)),
		}
		if *isNew {
			ctx := context.WithValue(context.Background(), "opt_in_kafka_next_gen_balancer_beta", true)
			options = append(options, kgo.WithContext(ctx))
		}
		client := newClient(options...)
		go func() {
			for !client.PollFetches(context.Background()).IsClientClosed() {
			}
		}()
		return client
	}
	await := func(isDone func() bool) time.Duration {
		start := time.Now()
		for !isDone() {
			if time.Since(start) > 60*time.Second {
				fail(context.DeadlineExceeded)
			}
			time.Sleep(time.Millisecond)
		}
		return time.Since(start)
	}
	settled := func() bool { return owned.Load() == int64(*partitions) }
	members := make([]*kgo.Client, *clients)
	var starting sync.WaitGroup
	each := make([]atomic.Int64, *clients+1)
	for i := range members {
		starting.Go(func() { members[i] = member(&each[i]) })
	}
	starting.Wait()
	await(func() bool {
		for i := range *clients {
			if each[i].Load() == 0 {
				return false
			}
		}
		return settled()
	})
	var joins, leaves []time.Duration
	for range *cycles {
		time.Sleep(500 * time.Millisecond)
		var mine atomic.Int64
		begin := time.Now()
		client := member(&mine)
		await(func() bool { return mine.Load() > 0 && settled() })
		joins = append(joins, time.Since(begin))
		time.Sleep(500 * time.Millisecond)
		begin = time.Now()
		client.Close()
		await(settled)
		leaves = append(leaves, time.Since(begin))
	}
	for _, client := range members {
		client.Close()
	}
	return map[string]any{"joinMs": percentiles(joins)["p50Ms"], "leaveMs": percentiles(leaves)["p50Ms"]}
}
