
namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>Delivery, completion and eviction of cached messages.</summary>
public sealed class PartitionCacheTests : CacheFixture
{
    [Fact]
    public void A_cursor_sees_the_messages_of_its_stream_alone()
    {
        var cache = Cache();
        Add(cache, "a", "b", "a", "b", "a");

        using var cursor = cache.Open(Stream("a"), Token(0));

        Assert.Equal([0, 2, 4], Drain(cursor));
        Add(cache, "b", "a");
        Assert.Equal([6], Drain(cursor));
    }

    [Fact]
    public void Without_a_token_a_cursor_begins_with_what_comes()
    {
        var cache = Cache();
        Add(cache, "a", "a");

        using var cursor = cache.Open(Stream("a"), null);

        Assert.Empty(Drain(cursor));
        Add(cache, "a");
        Assert.Equal([2], Drain(cursor));
    }

    [Fact]
    public void A_token_of_the_future_is_waited_for()
    {
        var cache = Cache();
        using var cursor = cache.Open(Stream("a"), Token(2));

        Add(cache, "a", "a", "a", "a");

        Assert.Equal([2, 3], Drain(cursor));
        Purge(cache);
        Assert.Equal(4, cache.Completed);
    }

    [Fact]
    public void What_is_being_delivered_is_not_completed()
    {
        var cache = Cache();
        Add(cache, "a", "b", "a");
        using var a = cache.Open(Stream("a"), Token(0));
        using var b = cache.Open(Stream("b"), Token(1));

        Assert.Equal([1], Drain(b));
        Purge(cache);
        Assert.Null(cache.Completed);

        Assert.True(a.MoveNext());
        Purge(cache);
        Assert.Null(cache.Completed);

        Assert.True(a.MoveNext());
        Purge(cache);
        Assert.Equal(2, cache.Completed);

        Assert.False(a.MoveNext());
        Purge(cache);
        Assert.Equal(3, cache.Completed);
    }

    [Fact]
    public void The_slowest_of_the_subscribers_decides()
    {
        var cache = Cache();
        Add(cache, "a", "a", "a");
        using var slow = cache.Open(Stream("a"), Token(0));
        using var fast = cache.Open(Stream("a"), Token(0));
        Drain(fast);
        slow.MoveNext();
        slow.MoveNext();

        Purge(cache);

        Assert.Equal(1, cache.Completed);
    }

    [Fact]
    public void What_came_when_the_agent_was_stopping_is_not_completed_even_without_a_subscriber()
    {
        var cache = Cache();
        Add(cache, "a");
        Purge(cache);
        Add(cache, "b");

        cache.UpdateDeliveryProgress(null, default);

        Assert.Equal(1, cache.Completed);
    }

    [Fact]
    public void A_message_that_failed_is_completed_when_its_dead_letter_is_written()
    {
        var cache = Cache();
        Add(cache, "a", "a");
        using var cursor = cache.Open(Stream("a"), Token(0));
        cursor.MoveNext();

        FailForGood(cursor);
        Assert.Equal([1], Drain(cursor));
        Purge(cache);
        Assert.Null(cache.Completed);

        Assert.Single(DeadLetters).Written();
        Purge(cache);
        Assert.Equal(2, cache.Completed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_is_delivered_again_if_a_subscriber_lacked_its_format_during_the_delivery(bool isUnavailable)
    {
        var cache = Cache();
        Add(cache, "a");
        cache.FormatUnavailable();
        using var cursor = cache.Open(Stream("a"), Token(0));
        Clock.Advance(TimeSpan.FromSeconds(1));
        cursor.MoveNext();
        if (isUnavailable)
        {
            cache.FormatUnavailable();
        }

        FailForGood(cursor);

        Assert.Equal(isUnavailable ? [0] : [], Drain(cursor));
        Assert.Equal(isUnavailable ? 0 : 1, DeadLetters.Count);
    }

    [Fact]
    public void A_subscriber_whose_client_has_left_makes_no_dead_letter_and_holds_no_commit()
    {
        var cache = Cache(options => options.FailurePolicy = KafkaFailurePolicy.StopPartition);
        Add(cache, "a", "a");
        var cursor = cache.Open(Stream("a"), Token(0));
        cursor.MoveNext();

        // The agent gives up at once, and disposes the cursor when the subscription is removed.
        cursor.RecordDeliveryFailure();
        Purge(cache);
        Assert.Null(cache.Completed);
        cursor.Dispose();

        Purge(cache);
        Assert.Equal((2, false), (cache.Completed, cache.IsStopped));
    }

    [Fact]
    public void A_subscription_that_could_not_be_removed_is_tried_again()
    {
        var cache = Cache(options => options.FailurePolicy = KafkaFailurePolicy.StopPartition);
        Add(cache, "a", "a");
        using var cursor = cache.Open(Stream("a"), Token(0));
        cursor.MoveNext();
        cursor.RecordDeliveryFailure();

        Assert.Equal([0, 1], Drain(cursor));
        Assert.False(cache.IsStopped);
    }

    [Theory]
    [InlineData(KafkaFailurePolicy.DeadLetter)]
    [InlineData(KafkaFailurePolicy.StopPartition)]
    public void A_delivery_that_fails_while_the_agent_stops_is_left_to_the_next_agent(KafkaFailurePolicy policy)
    {
        var cache = Cache(options => options.FailurePolicy = policy);
        Add(cache, "a", "a");
        var cursor = cache.Open(Stream("a"), Token(0));
        cursor.MoveNext();
        Purge(cache);
        FailForGood(cursor);

        cache.UpdateDeliveryProgress(null, default);
        cursor.Dispose();

        Assert.Null(cache.Completed);
        Assert.Empty(DeadLetters);
        Assert.False(cache.IsStopped);
    }

    [Fact]
    public void With_the_other_policy_a_failure_stops_everything()
    {
        var cache = Cache(options => options.FailurePolicy = KafkaFailurePolicy.StopPartition);
        Add(cache, "a", "b");
        using var a = cache.Open(Stream("a"), Token(0));
        using var b = cache.Open(Stream("b"), Token(1));
        a.MoveNext();

        FailForGood(a);

        Assert.False(a.MoveNext());
        Assert.False(b.MoveNext());
        Assert.True(cache.IsFull);
        a.Dispose();
        Purge(cache);
        Assert.Null(cache.Completed);
    }

    [Fact]
    public void A_full_cache_says_so_until_what_is_delivered_makes_room()
    {
        var cache = Cache(options => options.CacheBytes = 100_000);
        using var cursor = cache.Open(Stream("a"), null);
        Add(cache, [.. Enumerable.Repeat("a", 600)]);
        Purge(cache);
        Assert.True(cache.IsFull);
        Assert.True(cache.GetMaxAddCount() > 0);

        // The agent logs each signal.
        Assert.True(cache.IsUnderPressure());
        Assert.False(cache.IsUnderPressure());
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(cache.IsUnderPressure());

        Drain(cursor);
        Purge(cache);

        Assert.False(cache.IsFull);
        Assert.InRange(cache.Bytes, 20_000, 25_000);
    }

    [Fact]
    public void A_stream_that_stands_still_takes_no_room_from_the_others()
    {
        var cache = Cache(options => options.CacheBytes = 1_000_000);
        using var still = cache.Open(Stream("still"), null);
        using var cursor = cache.Open(Stream("a"), null);
        Add(cache, "still");
        still.MoveNext();

        for (var i = 0; i < 10; i++)
        {
            Add(cache, [.. Enumerable.Repeat("a", 1_000)]);
            Assert.Equal(1_000, Drain(cursor).Count);
            Purge(cache);
            Assert.False(cache.IsFull);
        }

        Assert.Null(cache.Completed);
    }

    [Fact]
    public void Streams_that_are_delivered_and_old_leave_nothing_behind()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.FromMinutes(1));
        Add(cache, [.. Enumerable.Range(0, 1_000).Select(i => $"{i}")]);
        Clock.Advance(TimeSpan.FromMinutes(2));

        Purge(cache);

        Assert.Equal((0, 0), (cache.Streams, cache.Bytes));
    }

    [Fact]
    public void A_stream_that_was_forgotten_takes_nothing_from_its_successor()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.FromSeconds(10));
        void Wait(int seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));
        Add(cache, "a");
        Wait(5);
        Add(cache, "a");
        Purge(cache);

        // The oldest message is released after a younger one.
        var first = cache.Open(Stream("a"), Token(0));
        Wait(6);
        Purge(cache);
        Wait(1);
        Add(cache, "b");
        Drain(first);
        first.Dispose();
        Wait(4);
        Purge(cache);

        Add(cache, "a");
        using var second = cache.Open(Stream("a"), Token(3));
        Assert.Equal([3], Drain(second));
        Wait(8);
        Purge(cache);
        Add(cache, "a");
        Purge(cache);
        Assert.Equal(4, cache.Completed);
        Assert.Equal([4], Drain(second));
    }
}
