package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// produce: each producer has one partition and one record on its way.
func produce() map[string]any {
	value := make([]byte, *recordBytes)
	rand.Read(value)
	all := make([][]time.Duration, *clients)
	start := time.Now()
	until := start.Add(time.Duration(*seconds * 1e9))
	counted := start.Add(time.Duration(*skip * 1e9))
	var running sync.WaitGroup
	for i := range *clients {
		running.Go(func() {
			client := newClient(append(ackOptions(),
				kgo.ProducerLinger(0), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
			defer client.Close()
			for {
				sent := time.Now()
				if sent.After(until) {
					return
				}
				record := &kgo.Record{Topic: *topic, Partition: int32(i % *partitions), Value: value}
				check(client.ProduceSync(context.Background(), record).FirstErr())
				done.Add(1)
				if sent.After(counted) {
					all[i] = append(all[i], time.Since(sent))
				}
			}
		})
	}
	running.Wait()
	var merged []time.Duration
	for _, each := range all {
		merged = append(merged, each...)
	}
	result := percentiles(merged)
	result["records"] = done.Load()
	return result
}

// flood: the client batches as it likes; it waits only when its buffer is full.
func flood() map[string]any {
	value := make([]byte, *recordBytes)
	rand.Read(value)
	until := time.Now().Add(time.Duration(*seconds * 1e9))
	var running sync.WaitGroup
	for range *clients {
		running.Go(func() {
			client := newClient(ackOptions()...)
			defer client.Close()
			for i := 0; i%64 != 0 || time.Now().Before(until); i++ {
				client.Produce(context.Background(), &kgo.Record{Topic: *topic, Value: value}, func(_ *kgo.Record, err error) {
					check(err)
					done.Add(1)
				})
			}
			check(client.Flush(context.Background()))
		})
	}
	running.Wait()
	return map[string]any{"records": done.Load()}
}

// consume: every consumer reads everything there is, and checks that offsets have no gap.
func consume() map[string]any {
	var running sync.WaitGroup
	for range *clients {
		running.Go(func() {
			client := newClient(kgo.ConsumeTopics(*topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
			defer client.Close()
			next := make([]int64, *partitions)
			var mine int64
			for mine < *records {
				fetches := client.PollFetches(context.Background())
				check(fetches.Err())
				before := mine
				fetches.EachRecord(func(record *kgo.Record) {
					if record.Offset != next[record.Partition] {
						fail(fmt.Errorf("offset %d where %d was due", record.Offset, next[record.Partition]))
					}
					next[record.Partition]++
					mine++
				})
				done.Add(mine - before)
			}
		})
	}
	running.Wait()
	return map[string]any{"records": done.Load()}
}
