package main

import (
	"context"
	"encoding/binary"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// tail: a record is due at a time that nothing can move, and its latency counts from there, to each consumer: a server that stalls is
// charged for everything that was due meanwhile. Records become due one by one; those due together go together.
func tail() map[string]any {
	epoch := time.Now()
	total := int64(*seconds * *rate)
	countFrom := time.Duration(*skip * 1e9)
	latencies := make([][]time.Duration, *clients)
	var ready, running sync.WaitGroup
	var begin atomic.Int64
	ready.Add(*clients)
	for i := range *clients {
		running.Go(func() {
			client := newClient(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{*topic: {0: kgo.NewOffset().AtStart()}}))
			defer client.Close()
			mine := make([]time.Duration, 0, total)
			isReady := false
			for seen := int64(0); seen < total; {
				fetches := client.PollFetches(context.Background())
				check(fetches.Err())
				now := time.Since(epoch)
				fetches.EachRecord(func(record *kgo.Record) {
					due := time.Duration(binary.BigEndian.Uint64(record.Value))
					if due == 0 { // the first record only shows that all are listening
						if !isReady {
							isReady = true
							ready.Done()
						}
						return
					}
					seen++
					if due-time.Duration(begin.Load()) >= countFrom {
						mine = append(mine, now-due)
					}
				})
			}
			latencies[i] = mine
		})
	}
	producer := newClient(append(ackOptions(), kgo.ProducerLinger(0), kgo.MaxBufferedRecords(1<<20),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	defer producer.Close()
	send := func(due time.Duration, promise func(*kgo.Record, error)) {
		value := make([]byte, *recordBytes)
		binary.BigEndian.PutUint64(value, uint64(due))
		producer.Produce(context.Background(), &kgo.Record{Topic: *topic, Value: value}, promise)
	}
	send(0, func(_ *kgo.Record, err error) { check(err) })
	ready.Wait()
	// A thread of its own that the kernel wakes: Go's timers round up to a millisecond.
	runtime.LockOSThread()
	start := time.Since(epoch)
	begin.Store(int64(start))
	for i := int64(0); i < total; i++ {
		due := start + time.Duration(float64(i)/(*rate)*1e9)
		if wait := due - time.Since(epoch); wait > 0 {
			pause := syscall.NsecToTimespec(int64(wait))
			syscall.Nanosleep(&pause, nil)
		}
		send(due, func(_ *kgo.Record, err error) {
			check(err)
			done.Add(1)
		})
	}
	runtime.UnlockOSThread()
	running.Wait()
	var merged []time.Duration
	for _, each := range latencies {
		merged = append(merged, each...)
	}
	result := percentiles(merged)
	result["records"] = total + 1
	return result
}
