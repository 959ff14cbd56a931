using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Storage;

namespace Orleans.Streaming.Kafka.Tests;

public sealed class KafkaSequenceTokenTests
{
    private static readonly Guid Topic = Guid.NewGuid();

    private static readonly Gen<KafkaSequenceToken> AnyToken = Gen.Select(
        Gen.Long[0, 3], Gen.Int[0, 2], Gen.OneOf(Gen.Const(Guid.Empty), Gen.Const(Topic), Gen.Guid), Gen.Int[0, 2], Gen.Bool,
        (offset, index, topic, partition, isOfDelivery) => new KafkaSequenceToken(offset, index, topic, partition, isOfDelivery));

    [Fact]
    public void Tokens_of_different_partitions_are_never_equal_and_a_delivery_is_later_than_any_position_elsewhere() =>
        Gen.Select(AnyToken, AnyToken).Sample((left, right) =>
        {
            var sameOffset = left.SequenceNumber == right.SequenceNumber && left.EventIndex == right.EventIndex;
            var elsewhere = left.TopicId is { } topic && right.TopicId is { } other
                && (topic != other || left.Partition != right.Partition);
            Assert.Equal(sameOffset && !elsewhere, left.Equals(right));
            Assert.Equal(left.Equals(right), left.CompareTo(right) == 0);
            if (left.Equals(right))
            {
                Assert.Equal(left.GetHashCode(), right.GetHashCode());
            }

            if (elsewhere && left.IsOfDelivery)
            {
                Assert.True(left.CompareTo(right) > 0);
            }
            else if (!elsewhere || !right.IsOfDelivery)
            {
                Assert.Equal(Math.Sign(left.CompareTo(right)), -Math.Sign(right.CompareTo(left)));
            }
        });

    [Fact]
    public void A_token_of_an_older_version_is_read_and_means_the_current_partition()
    {
        var token = JsonSerializer.Deserialize<KafkaSequenceToken>("""{"SequenceNumber":7,"EventIndex":2}""")!;

        Assert.Equal((7, 2, null, null), (token.SequenceNumber, token.EventIndex, token.TopicId, token.Partition));
        Assert.True(token.Equals(new KafkaSequenceToken(7, 2, Topic, 3)));
        Assert.Equal("7:2", token.ToString());
    }

    [Fact]
    public void A_token_is_the_same_after_json_and_after_orleans_serializer()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer<KafkaSequenceToken>>();
        var token = new KafkaSequenceToken(7, 2, Topic, 3);

        Assert.All(
            [
                JsonSerializer.Deserialize<KafkaSequenceToken>(JsonSerializer.Serialize(token))!,
                serializer.Deserialize(serializer.SerializeToArray(token))!,
            ],
            copy => Assert.Equal((7L, 2, Topic, 3), (copy.SequenceNumber, copy.EventIndex, copy.TopicId!.Value, copy.Partition!.Value)));
        Assert.True(serializer.Deserialize(serializer.SerializeToArray(token.OfDelivery(0)))!.IsOfDelivery);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_token_in_the_state_of_a_grain_is_the_same_after_the_serializer_of_grain_storages(bool hasPartition)
    {
        var storage = new JsonGrainStorageSerializer(new OrleansJsonSerializer(Options.Create(new OrleansJsonSerializerOptions())));
        var token = hasPartition ? new KafkaSequenceToken(7, 2, Topic, 3) : new KafkaSequenceToken(7, 2);

        var copy = storage.Deserialize<Orleans.Streams.StreamSequenceToken>(
            storage.Serialize<Orleans.Streams.StreamSequenceToken>(token));

        var read = Assert.IsType<KafkaSequenceToken>(copy);
        Assert.Equal(
            (token.SequenceNumber, token.EventIndex, token.TopicId, token.Partition),
            (read.SequenceNumber, read.EventIndex, read.TopicId, read.Partition));
    }
}
