using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Serialization;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streaming.Kafka.Tests.Clusters;

namespace Orleans.Streaming.Kafka.Tests.Messages;

public sealed class KafkaBatchContainerTests : IDisposable
{
    private const long Offset = 5;

    /// <summary>The codec of a client that never starts; it has all serializers of messages.</summary>
    private readonly IHost _client = Host.CreateDefaultBuilder()
        .UseOrleansClient(client => client.UseLocalhostClustering())
        .ConfigureServices(services => services
            .AddSingleton<EventCodec>()
            .AddKeyedSingleton<IKafkaMessageFormat>("bytes", new BytesMessageFormat())
            .AddKeyedSingleton<IKafkaMessageFormat>("takes", new BytesMessageFormat { ReadsTombstones = true }))
        .Build();

    private EventCodec Codec => _client.Services.GetRequiredService<EventCodec>();

    [Fact]
    public void A_message_without_its_first_events_is_later_than_the_event_that_was_had_last()
    {
        var rest = Message(6).From(3);

        Assert.Equal([3, 4, 5], Numbers(rest));
        Assert.True(rest.SequenceToken.CompareTo(new KafkaSequenceToken(Offset, 3)) > 0);
        Assert.True(rest.SequenceToken.CompareTo(new KafkaSequenceToken(Offset + 1, 0)) < 0);
    }

    [Fact]
    public void A_message_whose_last_event_was_had_is_not()
    {
        var rest = Message(6).From(5);

        Assert.Equal([5], Numbers(rest));
        Assert.Equal(0, rest.SequenceToken.CompareTo(new KafkaSequenceToken(Offset, 5)));
    }

    [Fact]
    public void The_rest_of_a_message_is_the_same_on_another_silo()
    {
        var serializer = _client.Services.GetRequiredService<Serializer<KafkaBatchContainer>>();

        var rest = serializer.Deserialize(serializer.SerializeToArray(Message(6).From(3)))!;

        Assert.Equal([3, 4, 5], Numbers(rest));
    }

    [Fact]
    public void A_message_that_cannot_be_read_is_given_whole()
    {
        var message = new KafkaBatchContainer(Codec, StreamId.Create("ns", "1"), "topic", null, [1, 2, 3], null, new(Offset, 0));

        Assert.Same(message, message.From(3));
    }

    [Fact]
    public void A_message_without_a_value_is_null_for_a_format_that_takes_it_and_nothing_for_others()
    {
        Assert.Equal([null], Tombstone("takes").GetEvents<string?>().Select(pair => pair.Item1));
        Assert.Empty(Tombstone("bytes").GetEvents<string?>());

        KafkaBatchContainer Tombstone(string format) =>
            new(Codec, StreamId.Create("ns", "1"), "topic", format, null, null, new(Offset, 0));
    }

    public void Dispose() => _client.Dispose();

    private KafkaBatchContainer Message(int events) =>
        new(
            Codec, StreamId.Create("ns", "1"), "topic", null,
            Codec.Encode([.. Enumerable.Range(0, events).Select(number => new Event(number))]),
            null, new(Offset, 0));

    private static IEnumerable<int> Numbers(KafkaBatchContainer message) => message.GetEvents<Event>().Select(pair =>
    {
        Assert.Equal(new KafkaSequenceToken(Offset, pair.Item1.Number), pair.Item2);
        return pair.Item1.Number;
    });
}
