using Orleans.Streaming.Kafka.Internals.Caching;

namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>Cursors that start before the cached messages.</summary>
public sealed class CacheRewindTests : CacheFixture
{
    [Fact]
    public void What_is_older_than_the_cache_is_read_again_and_then_the_cache_goes_on()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.Zero);
        Add(cache, "a", "b", "a");
        Clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        using var cursor = cache.Open(Stream("a"), Token(0));
        Assert.Empty(Drain(cursor));
        var rewind = Assert.Single(Rewinds);
        Assert.Equal((0, 3), (rewind.From, rewind.To));

        Add(cache, "a");
        AddAgain(cache, rewind, 0);
        Assert.Equal([0], Drain(cursor));
        AddAgain(cache, rewind, 2);
        Assert.Equal([2], Drain(cursor));
        End(cache, rewind);

        Assert.Equal([3], Drain(cursor));
    }

    [Fact]
    public void A_cache_that_has_moved_on_during_a_rewind_is_read_behind_once_more()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.Zero);
        Add(cache, "a");
        Clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        using var cursor = cache.Open(Stream("a"), Token(0));
        Add(cache, "a");
        Clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        AddAgain(cache, Rewinds[0], 0);
        End(cache, Rewinds[0]);

        Assert.Equal([0], Drain(cursor));
        Assert.Equal((1, 2), (Rewinds[1].From, Rewinds[1].To));
        Assert.True(Rewinds[0].IsAbandoned);
        Assert.False(Rewinds[1].IsAbandoned);
    }

    [Fact]
    public void What_a_rewound_subscriber_has_yet_to_come_to_is_not_completed()
    {
        var cache = Cache();
        cache.BeginAt(1);
        NextOffset = 1;
        Add(cache, "a", "b", "a");
        using var cursor = cache.Open(Stream("a"), Token(0));
        Purge(cache);
        Assert.Null(cache.Completed);

        // An agent that stops now leaves the messages to the next one.
        cache.UpdateDeliveryProgress(null, default);
        Assert.Null(cache.Completed);

        AddAgain(cache, Rewinds[0], 0);
        End(cache, Rewinds[0]);
        Assert.True(cursor.MoveNext());
        Purge(cache);
        Assert.Null(cache.Completed);
        Assert.Equal([1, 3], Drain(cursor));
        Purge(cache);
        Assert.Equal(4, cache.Completed);
    }

    [Fact]
    public void A_stream_that_the_agent_drops_in_a_rewind_comes_back_to_it_and_is_not_completed_before()
    {
        var cache = Cache();
        cache.BeginAt(1);
        NextOffset = 1;
        Add(cache, "a");
        cache.Open(Stream("a"), Token(0)).Dispose();
        Purge(cache);
        Assert.Null(cache.Completed);

        Resume(cache);
        using var cursor = cache.Open(Stream("a"), Token(0));
        Purge(cache);
        Assert.Null(cache.Completed);

        AddAgain(cache, Rewinds[1], 0);
        End(cache, Rewinds[1]);
        Assert.Equal([0, 1], Drain(cursor));
        Purge(cache);
        Assert.Equal(2, cache.Completed);
    }

    [Fact]
    public void A_stream_whose_subscriber_has_left_in_a_rewind_is_completed_once_the_agent_has_seen_it_again()
    {
        var cache = Cache();
        cache.BeginAt(1);
        NextOffset = 1;
        Add(cache, "a");
        cache.Open(Stream("a"), Token(0)).Dispose();

        Resume(cache);
        Purge(cache);

        Assert.Equal(2, cache.Completed);
    }

    [Fact]
    public void A_second_cursor_at_what_is_being_delivered_shares_the_rewind()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.Zero);
        Add(cache, "a", "a", "a");
        Clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        var first = cache.Open(Stream("a"), Token(0));
        AddAgain(cache, Rewinds[0], 0, 1, 2);
        first.MoveNext();
        first.MoveNext();

        using var second = cache.Open(Stream("a"), Token(1));
        first.Dispose();
        End(cache, Rewinds[0]);

        Assert.Equal([1, 2], Drain(second));
        Assert.Single(Rewinds);
    }

    private void Resume(PartitionCache cache) =>
        cache.AddToCache([new RewindMessage(Assert.Single(Resumptions), RewindSignal.Resume, null)]);
}
