// Package kfake stands where franz-go's fake cluster stands for its `kafka_tests`: the same names, in front of a real broker. NewCluster has
// the runner's launcher (KAFKA_TESTS_LAUNCHER, a command) start a broker of its own for the test, and what the tests ask the fake about its
// groups is asked of that broker in requests. What reaches inside the fake (ControlKey, Fault) is not here: those tests are left out by name.
package kfake

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

type options struct {
	topics  map[string]int32
	configs map[string]string
}

// Opt is an option of NewCluster.
type Opt func(*options)

// NumBrokers is ignored: there is one broker.
func NumBrokers(int) Opt { return func(*options) {} }

// SeedTopics names topics to create before the test begins.
func SeedTopics(partitions int32, topics ...string) Opt {
	return func(o *options) {
		for _, topic := range topics {
			o.topics[topic] = partitions
		}
	}
}

// BrokerConfigs sets broker settings.
func BrokerConfigs(configs map[string]string) Opt {
	return func(o *options) {
		for key, value := range configs {
			o.configs[key] = value
		}
	}
}

// Cluster is one running broker.
type Cluster struct {
	address string
	stdin   io.WriteCloser
	process *exec.Cmd
	client  *kgo.Client
	admin   *kadm.Client
}

// NewCluster starts a broker and creates its topics.
func NewCluster(opts ...Opt) (*Cluster, error) {
	o := options{topics: map[string]int32{}, configs: map[string]string{}}
	for _, opt := range opts {
		opt(&o)
	}
	c := &Cluster{}
	if err := c.launch(o.configs); err != nil {
		return nil, err
	}
	var err error
	if c.client, err = kgo.NewClient(kgo.SeedBrokers(c.address)); err != nil {
		c.Close()
		return nil, err
	}
	c.admin = kadm.NewClient(c.client)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for topic, partitions := range o.topics {
		if _, err := c.admin.CreateTopic(ctx, partitions, 1, nil, topic); err != nil {
			c.Close()
			return nil, fmt.Errorf("creating %s: %w", topic, err)
		}
	}
	return c, nil
}

// The launcher prints the broker's address on one line and stops it when its standard input ends.
func (c *Cluster) launch(configs map[string]string) error {
	command := strings.Split(os.Getenv("KAFKA_TESTS_LAUNCHER"), "\n")
	settings, err := json.Marshal(configs)
	if err != nil {
		return err
	}
	c.process = exec.Command(command[0], append(command[1:], string(settings))...)
	c.process.Dir = os.Getenv("KAFKA_TESTS_ROOT")
	c.process.Stderr = os.Stderr
	if c.stdin, err = c.process.StdinPipe(); err != nil {
		return err
	}
	stdout, err := c.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.process.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the broker did not start: %w", err)
	}
	c.address = strings.TrimSpace(line)
	return nil
}

// ListenAddrs is the broker's address.
func (c *Cluster) ListenAddrs() []string { return []string{c.address} }

// Close stops the broker.
func (c *Cluster) Close() {
	if c.client != nil {
		c.client.Close()
	}
	c.stdin.Close()
	c.process.Wait()
}

// ControlKey looks into the fake's requests.
func (c *Cluster) ControlKey(int16, func(kmsg.Request) (kmsg.Response, error, bool)) {
	panic("a real broker shows nobody its requests; leave this test out")
}

// Fault has the fake fail requests.
type Fault struct {
	Keys     []kmsg.Key
	Group    string
	TopLevel bool
	Err      error
	Count    int
	When     func(kmsg.Request) bool
}

// Fault has the fake fail requests.
func (c *Cluster) Fault(Fault) {
	panic("a real broker fails no request on command; leave this test out")
}

// GroupInfo is what is known of a group.
type GroupInfo struct {
	Group   string
	State   string
	Epoch   int32
	Members []GroupMember
	Commits map[string]map[int32]GroupCommit
}

// GroupCommit is one committed offset.
type GroupCommit struct {
	Offset      int64
	LeaderEpoch int32
	Metadata    string
	At          time.Time
}

// GroupMember is one member of a group.
type GroupMember struct {
	MemberID         string
	InstanceID       *string
	ClientID         string
	ClientHost       string
	SubscribedTopics []string
	Assignment       map[string][]int32
}

// NumAssigned counts the member's partitions.
func (m *GroupMember) NumAssigned() int {
	n := 0
	for _, partitions := range m.Assignment {
		n += len(partitions)
	}
	return n
}

// NumAssigned counts the partitions of all members.
func (g *GroupInfo) NumAssigned() int {
	n := 0
	for i := range g.Members {
		n += g.Members[i].NumAssigned()
	}
	return n
}

// GroupInfo describes a group, nil if there is none.
func (c *Cluster) GroupInfo(group string) *GroupInfo {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	info := c.describe(ctx, group)
	if info == nil {
		return nil
	}
	info.Commits = map[string]map[int32]GroupCommit{}
	offsets, err := c.admin.FetchOffsets(ctx, group)
	if err != nil {
		return info
	}
	offsets.Each(func(o kadm.OffsetResponse) {
		if info.Commits[o.Topic] == nil {
			info.Commits[o.Topic] = map[int32]GroupCommit{}
		}
		info.Commits[o.Topic][o.Partition] = GroupCommit{Offset: o.At, LeaderEpoch: o.LeaderEpoch, Metadata: o.Metadata}
	})
	return info
}

// WaitGroupStable waits until the group is stable with that many members.
func (c *Cluster) WaitGroupStable(ctx context.Context, group string, members int) (*GroupInfo, error) {
	for {
		info := c.describe(ctx, group)
		if info != nil && info.State == "Stable" && len(info.Members) == members {
			return info, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: last seen %+v", ctx.Err(), info)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// describe asks about a group of the newer protocol first, then about a classic one.
func (c *Cluster) describe(ctx context.Context, group string) *GroupInfo {
	newer, err := c.admin.DescribeConsumerGroups(ctx, group)
	if g, ok := newer[group]; err == nil && ok && g.Err == nil && g.State != "Dead" {
		info := &GroupInfo{Group: group, State: g.State, Epoch: g.Epoch}
		for _, m := range g.Members {
			member := GroupMember{MemberID: m.MemberID, InstanceID: m.InstanceID, ClientID: m.ClientID, ClientHost: m.ClientHost}
			member.SubscribedTopics = m.SubscribedTopics
			member.Assignment = map[string][]int32{}
			for topic, partitions := range m.Assignment {
				for partition := range partitions {
					member.Assignment[topic] = append(member.Assignment[topic], partition)
				}
			}
			info.Members = append(info.Members, member)
		}
		return sorted(info)
	}
	classic, err := c.admin.DescribeGroups(ctx, group)
	g, ok := classic[group]
	if err != nil || !ok || g.Err != nil || g.State == "Dead" {
		return nil
	}
	info := &GroupInfo{Group: group, State: g.State}
	for _, m := range g.Members {
		member := GroupMember{MemberID: m.MemberID, InstanceID: m.InstanceID, ClientID: m.ClientID, ClientHost: m.ClientHost}
		if join, ok := m.Join.AsConsumer(); ok {
			member.SubscribedTopics = join.Topics
		}
		member.Assignment = map[string][]int32{}
		if assigned, ok := m.Assigned.AsConsumer(); ok {
			for _, topic := range assigned.Topics {
				member.Assignment[topic.Topic] = topic.Partitions
			}
		}
		info.Members = append(info.Members, member)
	}
	return sorted(info)
}

func sorted(info *GroupInfo) *GroupInfo {
	slices.SortFunc(info.Members, func(a, b GroupMember) int { return strings.Compare(a.MemberID, b.MemberID) })
	return info
}
