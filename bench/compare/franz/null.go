package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The null responder: one topic with one partition, the last batches in memory, no checks. It speaks the newest versions without tagged
// fields, which is all that franz-go needs.
type nullServer struct {
	mu      sync.Mutex
	grown   *sync.Cond
	batches [][]byte
	first   int // index of batches[0], counted from the beginning
	starts  []int64
	end     int64
	port    int32
}

const keptBatches = 100_000

var nullVersions = map[int16]int16{0: 8, 1: 11, 2: 4, 3: 8, 18: 0}

func null() map[string]any {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := &nullServer{port: int32(listener.Addr().(*net.TCPAddr).Port)}
	server.grown = sync.NewCond(&server.mu)
	fmt.Println(server.port)
	for {
		connection, err := listener.Accept()
		check(err)
		go server.serve(connection)
	}
}

func (s *nullServer) serve(connection net.Conn) {
	defer connection.Close()
	size := make([]byte, 4)
	for {
		if _, err := io.ReadFull(connection, size); err != nil {
			return
		}
		frame := make([]byte, binary.BigEndian.Uint32(size))
		if _, err := io.ReadFull(connection, frame); err != nil {
			return
		}
		reader := kbin.Reader{Src: frame}
		key, version, correlation := reader.Int16(), reader.Int16(), reader.Int32()
		reader.NullableString()
		out := binary.BigEndian.AppendUint32(make([]byte, 4, 256), uint32(correlation))
		if key == 18 && version > 0 { // answered in version 0, which says what there is
			out = append(out, s.apiVersions(35)...)
		} else {
			request := kmsg.RequestForKey(key)
			request.SetVersion(version)
			check(request.ReadFrom(reader.Src))
			out = s.answer(request, out)
		}
		binary.BigEndian.PutUint32(out, uint32(len(out)-4))
		if _, err := connection.Write(out); err != nil {
			return
		}
	}
}

func (s *nullServer) apiVersions(code int16) []byte {
	response := kmsg.NewPtrApiVersionsResponse()
	response.ErrorCode = code
	for key, max := range nullVersions {
		response.ApiKeys = append(response.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: key, MaxVersion: max})
	}
	return response.AppendTo(nil)
}

func (s *nullServer) answer(request kmsg.Request, out []byte) []byte {
	switch request := request.(type) {
	case *kmsg.ApiVersionsRequest:
		return append(out, s.apiVersions(0)...)
	case *kmsg.MetadataRequest:
		return s.metadata(request).AppendTo(out)
	case *kmsg.ListOffsetsRequest:
		return s.listOffsets(request).AppendTo(out)
	case *kmsg.ProduceRequest:
		return s.produce(request).AppendTo(out)
	case *kmsg.FetchRequest:
		return s.fetch(request).AppendTo(out)
	}
	fail(fmt.Errorf("unexpected request %d", request.Key()))
	return nil
}

func (s *nullServer) metadata(request *kmsg.MetadataRequest) kmsg.Response {
	response := request.ResponseKind().(*kmsg.MetadataResponse)
	response.Brokers = []kmsg.MetadataResponseBroker{{NodeID: 1, Host: "127.0.0.1", Port: s.port}}
	response.ControllerID = 1
	partition := kmsg.NewMetadataResponseTopicPartition()
	partition.Leader, partition.Replicas, partition.ISR = 1, []int32{1}, []int32{1}
	row := kmsg.NewMetadataResponseTopic()
	row.Topic, row.Partitions = topic, []kmsg.MetadataResponseTopicPartition{partition}
	response.Topics = []kmsg.MetadataResponseTopic{row}
	return response
}

func (s *nullServer) listOffsets(request *kmsg.ListOffsetsRequest) kmsg.Response {
	response := request.ResponseKind().(*kmsg.ListOffsetsResponse)
	partition := kmsg.NewListOffsetsResponseTopicPartition()
	partition.Offset = 0
	row := kmsg.NewListOffsetsResponseTopic()
	row.Topic, row.Partitions = *topic, []kmsg.ListOffsetsResponseTopicPartition{partition}
	response.Topics = []kmsg.ListOffsetsResponseTopic{row}
	return response
}

func (s *nullServer) produce(request *kmsg.ProduceRequest) kmsg.Response {
	batch := request.Topics[0].Partitions[0].Records
	s.mu.Lock()
	offset := s.end
	binary.BigEndian.PutUint64(batch, uint64(offset))
	s.batches, s.starts = append(s.batches, batch), append(s.starts, offset)
	s.end += int64(binary.BigEndian.Uint32(batch[57:]))
	if len(s.batches) > 2*keptBatches {
		s.batches, s.starts = append([][]byte{}, s.batches[keptBatches:]...), append([]int64{}, s.starts[keptBatches:]...)
	}
	s.mu.Unlock()
	s.grown.Broadcast()
	response := request.ResponseKind().(*kmsg.ProduceResponse)
	partition := kmsg.NewProduceResponseTopicPartition()
	partition.BaseOffset = offset
	row := kmsg.NewProduceResponseTopic()
	row.Topic, row.Partitions = *topic, []kmsg.ProduceResponseTopicPartition{partition}
	response.Topics = []kmsg.ProduceResponseTopic{row}
	return response
}

func (s *nullServer) fetch(request *kmsg.FetchRequest) kmsg.Response {
	response := request.ResponseKind().(*kmsg.FetchResponse)
	if len(request.Topics) == 0 {
		return response
	}
	from := request.Topics[0].Partitions[0].FetchOffset
	partition := kmsg.NewFetchResponseTopicPartition()
	s.mu.Lock()
	for s.end <= from {
		s.grown.Wait()
	}
	// The batches that were not sent yet are the last few.
	at := len(s.starts) - 1
	for at > 0 && s.starts[at] > from {
		at--
	}
	for ; at < len(s.batches); at++ {
		partition.RecordBatches = append(partition.RecordBatches, s.batches[at]...)
	}
	partition.HighWatermark, partition.LastStableOffset = s.end, s.end
	s.mu.Unlock()
	row := kmsg.NewFetchResponseTopic()
	row.Topic, row.Partitions = *topic, []kmsg.FetchResponseTopicPartition{partition}
	response.Topics = []kmsg.FetchResponseTopic{row}
	return response
}
