// A load program on franz-go, the second opinion beside Kafka's own tools, and the only one that runs many clients in one process. It reports
// `at <records so far>` twice a second, and ends with one line of JSON.
//
//	produce    n producers, each sends a record when the one before is acknowledged (closed loop)
//	flood      n producers, each as fast as it can, with the client's own batching
//	consume    n consumers, each reads the whole topic from its beginning
//	tail       one producer at a fixed rate (open loop), n consumers at the end of the log; latency from when a record was due
//	null       a server that answers with the record just produced, and does nothing else: the floor of `tail`
//	rebalance  n members of a group, one more comes and goes
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	bootstrap   = flag.String("bootstrap", "127.0.0.1:9092", "host:port")
	topic       = flag.String("topic", "bench", "")
	partitions  = flag.Int("partitions", 1, "of the topic")
	clients     = flag.Int("clients", 1, "producers, consumers or members")
	recordBytes = flag.Int("record-bytes", 1024, "of a value")
	seconds     = flag.Float64("seconds", 10, "how long to produce")
	skip        = flag.Float64("skip", 0, "seconds whose latencies do not count")
	rate        = flag.Float64("rate", 1000, "records per second of tail")
	records     = flag.Int64("records", 0, "that each consumer reads")
	acks        = flag.String("acks", "all", "1 or all")
	cycles      = flag.Int("cycles", 5, "of rebalance")
	isNew       = flag.Bool("kip-848", false, "members of the new protocol")
)

var done atomic.Int64

func main() {
	flag.CommandLine.Parse(os.Args[2:])
	modes := map[string]func() map[string]any{
		"produce": produce, "flood": flood, "consume": consume, "tail": tail, "null": null, "rebalance": rebalance,
	}
	mode, ok := modes[os.Args[1]]
	if !ok {
		fail(fmt.Errorf("no mode %s", os.Args[1]))
	}
	if os.Args[1] != "null" && os.Args[1] != "rebalance" {
		go report()
	}
	line, err := json.Marshal(mode())
	check(err)
	fmt.Println(string(line))
}

func report() {
	for range time.Tick(250 * time.Millisecond) {
		if n := done.Load(); n > 0 {
			fmt.Printf("at %d\n", n)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

func newClient(options ...kgo.Opt) *kgo.Client {
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(*bootstrap)}, options...)...)
	check(err)
	return client
}

func ackOptions() []kgo.Opt {
	plain := kgo.ProducerBatchCompression(kgo.NoCompression())
	if *acks == "all" {
		return []kgo.Opt{plain, kgo.RequiredAcks(kgo.AllISRAcks())}
	}
	return []kgo.Opt{plain, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite()}
}

// percentiles of durations, in milliseconds.
func percentiles(all []time.Duration) map[string]any {
	slices.Sort(all)
	at := func(share float64) float64 {
		if len(all) == 0 {
			return 0
		}
		return float64(all[min(len(all)-1, int(float64(len(all))*share))]) / 1e6
	}
	return map[string]any{"p50Ms": at(0.5), "p99Ms": at(0.99), "p999Ms": at(0.999), "count": len(all)}
}
