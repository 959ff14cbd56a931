namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>Subscribers whose position is in another partition, from where their stream has moved, or in a deleted topic.</summary>
public sealed class ForeignTokenTests : CacheFixture
{
    [Fact]
    public void An_active_subscriber_continues_at_the_message_that_has_brought_the_agent_to_its_stream()
    {
        var cache = Cache();
        cache.BeginAt(10);
        NextOffset = 10;
        Add(cache, "a", "a");

        // The agent holds the messages until it has found the subscribers.
        using var pin = cache.Open(Stream("a"), Token(10));
        using var cursor = cache.Open(Stream("a"), DeliveredElsewhere(82));
        pin.Dispose();

        Assert.Equal([10, 11], Drain(cursor));
        Assert.Empty(Rewinds);
    }

    [Fact]
    public void A_subscriber_of_two_partitions_goes_on_in_each_where_it_was()
    {
        var cache = Cache();
        Add(cache, "a", "a", "a", "b");
        using var held = cache.Open(Stream("b"), Token(3));
        var cursor = cache.Open(Stream("a"), Token(0));
        Assert.True(cursor.MoveNext());
        Assert.True(cursor.MoveNext());

        // The delivery of message 1 shows the agent that the subscriber was elsewhere meanwhile.
        using var next = cache.Open(Stream("a"), DeliveredElsewhere(82));
        cursor.Dispose();

        Assert.Equal([1, 2], Drain(next));
    }

    [Fact]
    public void A_subscriber_that_is_asked_for_its_position_again_misses_nothing_though_another_is_ahead()
    {
        var cache = Cache();
        Add(cache, "a", "a", "a");
        var slow = cache.Open(Stream("a"), Token(0));
        using var fast = cache.Open(Stream("a"), Token(0));
        fast.MoveNext();
        fast.MoveNext();
        fast.MoveNext();
        slow.MoveNext();

        slow.Dispose();
        using var again = cache.Open(Stream("a"), DeliveredElsewhere(82));

        Assert.Equal([0, 1, 2], Drain(again));
    }

    [Fact]
    public void A_subscriber_that_had_everything_gets_only_what_is_new()
    {
        var cache = Cache();
        Add(cache, "a", "a");
        var cursor = cache.Open(Stream("a"), Token(0));
        Drain(cursor);

        cursor.Dispose();
        using var again = cache.Open(Stream("a"), DeliveredElsewhere(82));

        Assert.Empty(Drain(again));
        Add(cache, "a");
        Assert.Equal([2], Drain(again));
    }

    [Fact]
    public void A_subscriber_nobody_holds_messages_for_gets_what_is_not_committed()
    {
        var cache = Cache();
        Add(cache, "a", "b", "a");
        using var other = cache.Open(Stream("b"), Token(1));
        Purge(cache);
        Assert.Equal(1, cache.Completed);

        using var cursor = cache.Open(Stream("a"), DeliveredElsewhere(82));

        Assert.Equal([2], Drain(cursor));
    }

    [Fact]
    public void A_position_that_an_application_has_stored_elsewhere_begins_with_the_first_message_in_kafka()
    {
        var cache = Cache();
        cache.BeginAt(2);
        NextOffset = 2;
        Add(cache, "a");

        using var cursor = cache.Open(Stream("a"), Elsewhere(82));

        var rewind = Assert.Single(Rewinds);
        Assert.Equal((0, 2), (rewind.From, rewind.To));
        AddAgain(cache, rewind, 0, 1);
        End(cache, rewind);
        Assert.Equal([0, 1, 2], Drain(cursor));
    }

    [Fact]
    public void A_position_of_the_same_partition_or_without_one_is_what_it_was()
    {
        var cache = Cache();
        Add(cache, "a", "a", "a");

        using var own = cache.Open(Stream("a"), new KafkaSequenceToken(1, 0, Elsewhere(0).TopicId, 0));
        using var old = cache.Open(Stream("a"), Token(1));

        Assert.Equal([1, 2], Drain(own));
        Assert.Equal([1, 2], Drain(old));
    }
}
