using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Tests.Caching;

public sealed class PartitionCacheTests : ICacheOwner
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<Rewind> _rewinds = [];
    private readonly List<(long Offset, Action Written)> _buried = [];
    private long _next;

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
    public void What_came_when_the_agent_was_stopping_is_not_completed_though_nobody_waits_for_it()
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

        cursor.RecordDeliveryFailure();
        Assert.Equal([1], Drain(cursor));
        Purge(cache);
        Assert.Null(cache.Completed);

        Assert.Single(_buried).Written();
        Purge(cache);
        Assert.Equal(2, cache.Completed);
    }

    [Fact]
    public void With_the_other_policy_a_failure_stops_everything()
    {
        var cache = Cache(options => options.FailurePolicy = KafkaFailurePolicy.StopPartition);
        Add(cache, "a", "b");
        using var a = cache.Open(Stream("a"), Token(0));
        using var b = cache.Open(Stream("b"), Token(1));
        a.MoveNext();

        a.RecordDeliveryFailure();

        Assert.False(a.MoveNext());
        Assert.False(b.MoveNext());
        Assert.True(cache.IsUnderPressure());
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
        Assert.True(cache.IsUnderPressure());
        Assert.True(cache.GetMaxAddCount() > 0);

        Drain(cursor);
        Purge(cache);

        Assert.False(cache.IsUnderPressure());
        Assert.InRange(cache.Bytes, 90_000, 100_000);
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
            Assert.False(cache.IsUnderPressure());
        }

        Assert.Null(cache.Completed);
    }

    [Fact]
    public void Streams_that_are_delivered_and_old_leave_nothing_behind()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.FromMinutes(1));
        Add(cache, [.. Enumerable.Range(0, 1_000).Select(i => $"{i}")]);
        _clock.Advance(TimeSpan.FromMinutes(2));

        Purge(cache);

        Assert.Equal((0, 0), (cache.Streams, cache.Bytes));
    }

    [Fact]
    public void What_is_older_than_the_cache_is_read_again_and_then_the_cache_goes_on()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.Zero);
        Add(cache, "a", "b", "a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        using var cursor = cache.Open(Stream("a"), Token(0));
        Assert.Empty(Drain(cursor));
        var rewind = Assert.Single(_rewinds);
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
        _clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        using var cursor = cache.Open(Stream("a"), Token(0));
        Add(cache, "a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        AddAgain(cache, _rewinds[0], 0);
        End(cache, _rewinds[0]);

        Assert.Equal([0], Drain(cursor));
        Assert.Equal((1, 2), (_rewinds[1].From, _rewinds[1].To));
        Assert.True(_rewinds[0].IsAbandoned);
        Assert.False(_rewinds[1].IsAbandoned);
    }

    [Fact]
    public void A_second_cursor_at_what_is_being_delivered_shares_the_rewind()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.Zero);
        Add(cache, "a", "a", "a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        var first = cache.Open(Stream("a"), Token(0));
        AddAgain(cache, _rewinds[0], 0, 1, 2);
        first.MoveNext();
        first.MoveNext();

        using var second = cache.Open(Stream("a"), Token(1));
        first.Dispose();
        End(cache, _rewinds[0]);

        Assert.Equal([1, 2], Drain(second));
        Assert.Single(_rewinds);
    }

    [Fact]
    public void With_batches_the_last_ones_count_as_undelivered()
    {
        var cache = Cache(batchSize: 3);
        using var cursor = cache.Open(Stream("a"), null);
        Add(cache, "a", "a", "a", "a", "a");
        foreach (var completed in new long?[] { null, null, null, 1, 2 })
        {
            cursor.MoveNext();
            Purge(cache);
            Assert.Equal(completed, cache.Completed);
        }

        cursor.MoveNext();
        Purge(cache);
        Assert.Equal(2, cache.Completed);
        cursor.MoveNext();
        Purge(cache);
        Assert.Equal(5, cache.Completed);
    }

    [Fact]
    public void Whatever_happens_nothing_undelivered_is_completed_or_dropped() => Gen.Int[0, 5].Array[1, 300].Sample(steps =>
    {
        // Three streams, a cursor each, and a little memory; every message must come to its cursor once and in order.
        _next = 0;
        var cache = Cache(options => (options.CacheBytes, options.CacheAge) = (65_536, TimeSpan.FromSeconds(3)));
        var keys = new[] { "a", "b", "c" };
        var cursors = keys.Select(key => cache.Open(Stream(key), null)).ToArray();
        var sent = keys.Select(_ => new List<long>()).ToArray();
        var got = keys.Select(_ => new List<long>()).ToArray();

        // What a cursor has returned last is on its way until it is asked again.
        var isOnItsWay = new bool[keys.Length];
        for (var i = 0; i < steps.Length; i++)
        {
            switch (steps[i])
            {
                case < 3:
                    sent[steps[i]].Add(_next);
                    Add(cache, keys[steps[i]]);
                    break;
                case 3:
                    Purge(cache);
                    break;
                case 4:
                    _clock.Advance(TimeSpan.FromSeconds(1));
                    break;
                default:
                    var key = i % 3;
                    isOnItsWay[key] = cursors[key].MoveNext();
                    if (isOnItsWay[key])
                    {
                        got[key].Add(((KafkaBatchContainer)cursors[key].GetCurrent(out _)!).Offset);
                    }

                    break;
            }

            var undelivered = Enumerable.Range(0, 3).SelectMany(key => sent[key].Skip(got[key].Count - (isOnItsWay[key] ? 1 : 0))).DefaultIfEmpty(_next).Min();
            Assert.True((cache.Completed ?? 0) <= undelivered, $"{cache.Completed} with {undelivered} undelivered");
        }

        for (var key = 0; key < 3; key++)
        {
            got[key].AddRange(Drain(cursors[key]));
            Assert.Equal(sent[key], got[key]);
        }

        Purge(cache);
        Assert.Equal(_next == 0 ? null : _next, cache.Completed);
    }, threads: 1);

    void ICacheOwner.Read(Rewind rewind) => _rewinds.Add(rewind);

    void ICacheOwner.Bury(KafkaBatchContainer message, Exception? error, Action written) => _buried.Add((message.Offset, written));

    private PartitionCache Cache(Action<KafkaStreamOptions>? configure = null, int batchSize = 1)
    {
        var options = new KafkaStreamOptions();
        configure?.Invoke(options);
        return new(options, batchSize, "topic [0]", _clock, NullLogger.Instance) { Owner = this };
    }

    private void Add(PartitionCache cache, params string[] streams) =>
        cache.AddToCache([.. streams.Select(stream => Message(stream, _next++, null, false))]);

    private static void AddAgain(PartitionCache cache, Rewind rewind, params long[] offsets) =>
        cache.AddToCache([.. offsets.Select(offset => Message("a", offset, rewind, false))]);

    private static void End(PartitionCache cache, Rewind rewind) => cache.AddToCache([Message("a", rewind.To, rewind, true)]);

    private static void Purge(PartitionCache cache) => cache.TryPurgeFromCache(out _);

    private static List<long> Drain(CacheCursor cursor)
    {
        var offsets = new List<long>();
        while (cursor.MoveNext())
        {
            offsets.Add(((KafkaBatchContainer)cursor.GetCurrent(out _)!).Offset);
        }

        return offsets;
    }

    private static KafkaBatchContainer Message(string stream, long offset, Rewind? rewind, bool isEnd) =>
        new(null!, Stream(stream), "topic", null, [], null, Token(offset)) { Rewind = rewind, IsEndOfRewind = isEnd };

    private static StreamId Stream(string key) => StreamId.Create("ns", key);

    private static KafkaSequenceToken Token(long offset) => new(offset, 0);
}
