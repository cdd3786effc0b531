"""
confluent-kafka-python (librdkafka inside) over its whole surface: producers, consumers of classic groups, the admin client, the asyncio
clients. Ours: upstream's integration tests are not in its source package. BOOTSTRAP names the broker.
"""
import asyncio
import os
import time
import uuid

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

BOOTSTRAP = {'bootstrap.servers': os.environ['BOOTSTRAP']}


@pytest.fixture(scope='session')
def admin():
    return AdminClient(BOOTSTRAP)


def unique(prefix):
    return f'{prefix}-{uuid.uuid4().hex[:8]}'


def new_topic(admin, partitions=1, **config):
    name = unique('topic')
    topic = NewTopic(name, partitions, 1, config={k.replace('_', '.'): str(v) for k, v in config.items()})
    admin.create_topics([topic])[name].result(10)
    # A broker may take a moment to learn of it.
    eventually('the topic', lambda: known(admin, name))
    return name


def known(admin, name):
    try:
        return admin.describe_topics(TopicCollection([name]))[name].result(10) is not None
    except KafkaException as error:
        if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise
        return False


def send(topic, values, partition=0, **conf):
    """Sends and returns the delivered messages; raises what a delivery report says."""
    delivered = []

    def report(error, message):
        if error is not None:
            raise KafkaException(error)
        delivered.append(message)

    producer = Producer({**BOOTSTRAP, 'linger.ms': 5, **conf})
    for i, value in enumerate(values):
        producer.produce(topic, value, key=f'k{i}', partition=partition, on_delivery=report)
    assert producer.flush(20) == 0
    return delivered


def consumer_of(group=None, **conf):
    return Consumer({
        **BOOTSTRAP,
        'group.id': group or unique('group'),
        'auto.offset.reset': 'earliest',
        'session.timeout.ms': 10000,
        **{k.replace('_', '.'): v for k, v in conf.items()},
    })


def read(consumer, count, timeout=20):
    messages, deadline = [], time.monotonic() + timeout
    while len(messages) < count and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        messages.append(message)
    assert len(messages) == count
    return messages


def eventually(what, done, timeout=20):
    deadline = time.monotonic() + timeout
    while not done():
        assert time.monotonic() < deadline, f'not in time: {what}'
        time.sleep(0.05)


# Producers and what they write.


@pytest.mark.parametrize('codec', ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
@pytest.mark.parametrize('idempotent', [False, True])
def test_what_is_sent_comes_back(admin, codec, idempotent):
    topic = new_topic(admin)
    values = [f'value-{i}'.encode() * 10 for i in range(500)]
    delivered = send(topic, values, **{'compression.type': codec, 'enable.idempotence': idempotent})
    assert [m.offset() for m in delivered] == list(range(500))
    consumer = consumer_of()
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    messages = read(consumer, 500)
    assert [m.value() for m in messages] == values
    assert [m.offset() for m in messages] == list(range(500))
    consumer.close()


@pytest.mark.parametrize('acks', ['0', '1', 'all'])
def test_acks(admin, acks):
    topic = new_topic(admin)
    send(topic, [b'x'] * 20, acks=acks)
    consumer = consumer_of()
    eventually('20 records', lambda: consumer.get_watermark_offsets(TopicPartition(topic, 0), 5) == (0, 20))
    consumer.close()


def test_headers_timestamps_and_nulls(admin):
    topic = new_topic(admin)
    at = int(time.time() * 1000) - 60_000
    producer = Producer(BOOTSTRAP)
    producer.produce(topic, b'v', b'k', timestamp=at, headers=[('a', b'1'), ('a', b'2'), ('none', None)])
    producer.produce(topic, None, b'gone')
    producer.produce(topic, b'', None)
    assert producer.flush(10) == 0
    consumer = consumer_of()
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    first, second, third = read(consumer, 3)
    assert first.headers() == [('a', b'1'), ('a', b'2'), ('none', None)]
    assert first.timestamp()[1] == at
    assert (second.key(), second.value()) == (b'gone', None)
    assert (third.key(), third.value()) == (None, b'')
    assert first.leader_epoch() == 0
    consumer.close()


def test_a_record_over_the_limit_is_refused(admin):
    topic = new_topic(admin, max_message_bytes=1000)
    with pytest.raises(KafkaException) as refused:
        send(topic, [os.urandom(2000)])
    assert refused.value.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE


def test_an_unknown_partition_and_an_unknown_topic(admin):
    topic = new_topic(admin)
    with pytest.raises(KafkaException) as refused:
        send(topic, [b'x'], partition=7)
    assert refused.value.args[0].code() == KafkaError._UNKNOWN_PARTITION
    none = unique('none')
    with pytest.raises(KafkaException) as refused:
        admin.describe_topics(TopicCollection([none]))[none].result(10)
    assert refused.value.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART


# Consumers.


@pytest.mark.parametrize('strategy', ['range', 'roundrobin', 'cooperative-sticky'])
def test_two_members_share_and_hand_over(admin, strategy):
    topic, group = new_topic(admin, 4), unique('group')
    conf = {'partition_assignment_strategy': strategy, 'heartbeat_interval_ms': 300}
    one, two = consumer_of(group, **conf), consumer_of(group, **conf)
    revoked = []
    one.subscribe([topic], on_revoke=lambda _, partitions: revoked.extend(partitions))
    two.subscribe([topic])

    def balanced():
        one.poll(0.1)
        two.poll(0.1)
        return len(one.assignment()) == 2 and len(two.assignment()) == 2

    eventually('two partitions each', balanced, 30)
    assert one.memberid() and one.memberid() != two.memberid()
    owned = {p.partition for c in (one, two) for p in c.assignment()}
    assert owned == {0, 1, 2, 3}
    one.close()
    assert revoked

    def alone():
        two.poll(0.1)
        return len(two.assignment()) == 4

    eventually('all four', alone, 30)
    two.close()


def test_commits_are_where_the_next_member_begins(admin):
    topic, group = new_topic(admin), unique('group')
    send(topic, [b'%d' % i for i in range(10)])
    first = consumer_of(group, enable_auto_commit=False)
    first.subscribe([topic])
    messages = read(first, 10)
    first.commit(message=messages[3], asynchronous=False)
    assert first.committed([TopicPartition(topic, 0)], 10)[0].offset == 4
    first.commit(offsets=[TopicPartition(topic, 0, 6, metadata='a note')], asynchronous=False)
    assert first.committed([TopicPartition(topic, 0)], 10)[0].metadata == 'a note'
    assert first.position([TopicPartition(topic, 0)])[0].offset == 10
    first.close()
    second = consumer_of(group)
    second.subscribe([topic])
    assert [m.offset() for m in read(second, 4)] == [6, 7, 8, 9]
    second.close()


def test_stored_offsets_are_committed_at_close(admin):
    topic, group = new_topic(admin), unique('group')
    send(topic, [b'x'] * 5)
    consumer = consumer_of(group, enable_auto_offset_store=False)
    consumer.subscribe([topic])
    consumer.store_offsets(message=read(consumer, 5)[2])
    consumer.close()
    after = consumer_of(group)
    assert after.committed([TopicPartition(topic, 0)], 10)[0].offset == 3
    after.close()


def test_seek_pause_resume_and_batches(admin):
    topic = new_topic(admin)
    send(topic, [b'%d' % i for i in range(20)])
    consumer = consumer_of()
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    assert len(consumer.consume(20, 20)) == 20
    consumer.seek(TopicPartition(topic, 0, 15))
    assert [m.offset() for m in read(consumer, 5)] == [15, 16, 17, 18, 19]
    consumer.pause([TopicPartition(topic, 0)])
    send(topic, [b'late'])
    assert consumer.poll(0.5) is None
    consumer.resume([TopicPartition(topic, 0)])
    assert read(consumer, 1)[0].value() == b'late'
    consumer.close()


def test_offsets_by_time_and_the_end_of_a_partition(admin):
    topic = new_topic(admin)
    base = int(time.time() * 1000) - 100_000
    producer = Producer(BOOTSTRAP)
    for i in range(10):
        producer.produce(topic, b'x', timestamp=base + i * 1000)
    assert producer.flush(10) == 0
    consumer = consumer_of(enable_partition_eof=True)
    found = consumer.offsets_for_times([TopicPartition(topic, 0, base + 4500)], 10)
    assert found[0].offset == 5
    assert consumer.offsets_for_times([TopicPartition(topic, 0, base + 99_999)], 10)[0].offset == OFFSET_END
    consumer.assign([TopicPartition(topic, 0, 10)])
    seen = []

    def end():
        message = consumer.poll(0.2)
        if message is not None:
            seen.append((message.error().code(), message.offset()))
        return seen

    eventually('the end', end)
    assert seen[0] == (KafkaError._PARTITION_EOF, 10)
    consumer.close()


def test_an_offset_out_of_range_goes_where_the_policy_says(admin):
    topic = new_topic(admin)
    send(topic, [b'x'] * 5)
    earliest = consumer_of()
    earliest.assign([TopicPartition(topic, 0, 1000)])
    assert [m.offset() for m in read(earliest, 5)] == [0, 1, 2, 3, 4]
    earliest.close()
    failing = consumer_of(auto_offset_reset='error')
    failing.assign([TopicPartition(topic, 0, 1000)])
    errors = []

    def error():
        message = failing.poll(0.2)
        if message is not None and message.error():
            errors.append(message.error().code())
        return errors

    eventually('an error', error)
    assert errors[0] == KafkaError._AUTO_OFFSET_RESET
    failing.close()


def test_a_static_member_returns_to_its_partitions(admin):
    topic, group = new_topic(admin, 2), unique('group')

    def member():
        consumer = consumer_of(group, group_instance_id='instance-1')
        consumer.subscribe([topic])
        eventually('an assignment', lambda: consumer.poll(0.1) is not None or len(consumer.assignment()) == 2)
        return consumer

    first = member()
    described = admin.describe_consumer_groups([group])[group].result(10)
    assert [m.group_instance_id for m in described.members] == ['instance-1']
    first.close()
    second = member()
    described = admin.describe_consumer_groups([group])[group].result(10)
    assert [m.group_instance_id for m in described.members] == ['instance-1']
    second.close()


def test_a_pattern_finds_topics_that_come_later(admin):
    prefix = unique('pattern')
    admin.create_topics([NewTopic(f'{prefix}-a', 1, 1)])[f'{prefix}-a'].result(10)
    consumer = consumer_of(**{'topic_metadata_refresh_interval_ms': 500})
    consumer.subscribe([f'^{prefix}-.*'])
    eventually('one topic', lambda: consumer.poll(0.1) or len(consumer.assignment()) == 1)
    admin.create_topics([NewTopic(f'{prefix}-b', 1, 1)])[f'{prefix}-b'].result(10)

    def both():
        consumer.poll(0.1)
        return {p.topic for p in consumer.assignment()} == {f'{prefix}-a', f'{prefix}-b'}

    eventually('two topics', both, 30)
    consumer.close()


# The admin client.


def test_cluster_and_topics(admin):
    cluster = admin.describe_cluster().result(10)
    assert len(cluster.cluster_id) == 22 and len(cluster.nodes) == 1
    name = new_topic(admin, 2)
    with pytest.raises(KafkaException) as refused:
        admin.create_topics([NewTopic(name, 1, 1)])[name].result(10)
    assert refused.value.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS
    checked = unique('checked')
    admin.create_topics([NewTopic(checked, 1, 1)], validate_only=True)[checked].result(10)
    admin.create_partitions([NewPartitions(name, 4)])[name].result(10)
    described = admin.describe_topics(TopicCollection([name]))[name].result(10)
    assert [p.id for p in described.partitions] == [0, 1, 2, 3]
    assert all(p.leader.id == cluster.controller.id for p in described.partitions)
    assert name in admin.list_topics(timeout=10).topics
    assert checked not in admin.list_topics(timeout=10).topics
    admin.delete_topics([name])[name].result(10)
    with pytest.raises(KafkaException):
        admin.describe_topics(TopicCollection([name]))[name].result(10)


def test_settings(admin):
    name = new_topic(admin, retention_ms=9000)

    def change(entry):
        resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
        admin.incremental_alter_configs([resource])[resource].result(10)

    def describe():
        resource = ConfigResource(ResourceType.TOPIC, name)
        return admin.describe_configs([resource])[resource].result(10)

    assert describe()['retention.ms'].value == '9000'
    assert describe()['retention.ms'].source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    change(ConfigEntry('cleanup.policy', 'compact', incremental_operation=AlterConfigOpType.APPEND))
    assert describe()['cleanup.policy'].value == 'delete,compact'
    change(ConfigEntry('retention.ms', None, incremental_operation=AlterConfigOpType.DELETE))
    assert describe()['retention.ms'].is_default
    with pytest.raises(KafkaException) as refused:
        change(ConfigEntry('retention.ms', 'soon', incremental_operation=AlterConfigOpType.SET))
    assert refused.value.args[0].code() == KafkaError.INVALID_CONFIG
    broker = ConfigResource(ResourceType.BROKER, str(admin.describe_cluster().result(10).controller.id))
    assert 'num.partitions' in admin.describe_configs([broker])[broker].result(10)


def test_offsets_and_deleted_records(admin):
    topic = new_topic(admin)
    base = int(time.time() * 1000) - 10_000
    producer = Producer(BOOTSTRAP)
    for i in (0, 5, 3):
        producer.produce(topic, b'x', partition=0, timestamp=base + i * 1000)
    assert producer.flush(10) == 0
    partition = TopicPartition(topic, 0)

    def offset(spec, isolation=IsolationLevel.READ_UNCOMMITTED):
        listed = admin.list_offsets({partition: spec}, isolation_level=isolation)
        return listed[partition].result(10).offset

    assert offset(OffsetSpec.earliest()) == 0
    assert offset(OffsetSpec.latest()) == 3
    assert offset(OffsetSpec.latest(), IsolationLevel.READ_COMMITTED) == 3
    assert offset(OffsetSpec.max_timestamp()) == 1
    assert offset(OffsetSpec.for_timestamp(base + 1000)) == 1
    deleted = admin.delete_records([TopicPartition(topic, 0, 2)])
    assert deleted[TopicPartition(topic, 0, 2)].result(10).low_watermark == 2
    assert offset(OffsetSpec.earliest()) == 2


def test_groups(admin):
    topic, group = new_topic(admin), unique('group')
    send(topic, [b'x'] * 3)
    consumer = consumer_of(group, client_id='a-client')
    consumer.subscribe([topic])
    read(consumer, 3)
    consumer.commit(asynchronous=False)
    described = admin.describe_consumer_groups([group])[group].result(10)
    assert described.state == ConsumerGroupState.STABLE
    (member,) = described.members
    assert member.client_id == 'a-client'
    assert [(p.topic, p.partition) for p in member.assignment.topic_partitions] == [(topic, 0)]
    with pytest.raises(KafkaException) as refused:
        admin.delete_consumer_groups([group])[group].result(10)
    assert refused.value.args[0].code() == KafkaError.NON_EMPTY_GROUP
    consumer.close()
    states = {ConsumerGroupState.EMPTY}
    eventually('an empty group', lambda: group in {
        g.group_id for g in admin.list_consumer_groups(states=states).result(10).valid})

    def committed():
        request = [ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])]
        return admin.list_consumer_group_offsets(request)[group].result(10).topic_partitions[0].offset

    assert committed() == 3
    change = [ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 1)])]
    admin.alter_consumer_group_offsets(change)[group].result(10)
    assert committed() == 1
    admin.delete_consumer_groups([group])[group].result(10)
    assert group not in {g.group_id for g in admin.list_consumer_groups().result(10).valid}


def test_access_control_is_off(admin):
    from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, ResourcePatternType

    binding = AclBinding(
        ResourceType.TOPIC, 'a', ResourcePatternType.LITERAL, 'User:a', '*', AclOperation.READ, AclPermissionType.ALLOW)
    with pytest.raises(KafkaException) as refused:
        admin.create_acls([binding])[binding].result(10)
    assert refused.value.args[0].code() == KafkaError.SECURITY_DISABLED


# The asyncio clients.


def test_asyncio(admin):
    from confluent_kafka.aio import AIOConsumer, AIOProducer

    topic = new_topic(admin)

    async def both():
        producer = AIOProducer(BOOTSTRAP)
        sent = [await producer.produce(topic, value=b'%d' % i) for i in range(10)]
        await producer.flush()
        assert [(await one).offset() for one in sent] == list(range(10))
        await producer.close()
        consumer = AIOConsumer({**BOOTSTRAP, 'group.id': unique('group'), 'auto.offset.reset': 'earliest'})
        await consumer.subscribe([topic])
        values = []
        while len(values) < 10:
            message = await consumer.poll(1.0)
            if message is not None:
                values.append(message.value())
        await consumer.commit()
        await consumer.close()
        return values

    assert asyncio.run(asyncio.wait_for(both(), 30)) == [b'%d' % i for i in range(10)]
