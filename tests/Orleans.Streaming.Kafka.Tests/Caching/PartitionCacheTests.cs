using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Messages;
using Orleans.Streams;

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

        // The agent logs it each time.
        Assert.True(cache.IsUnderPressure());
        Assert.False(cache.IsUnderPressure());
        _clock.Advance(TimeSpan.FromMinutes(1));
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
        _clock.Advance(TimeSpan.FromMinutes(2));

        Purge(cache);

        Assert.Equal((0, 0), (cache.Streams, cache.Bytes));
    }

    [Fact]
    public void A_stream_that_was_forgotten_takes_nothing_from_its_successor()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.FromSeconds(10));
        void Wait(int seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));
        Add(cache, "a");
        Wait(5);
        Add(cache, "a");
        Purge(cache);

        // The oldest comes behind a younger one in the line of what may be dropped.
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
    public void What_a_rewound_subscriber_has_yet_to_come_to_is_not_completed()
    {
        var cache = Cache();
        cache.BeginAt(1);
        _next = 1;
        Add(cache, "a", "b", "a");
        using var cursor = cache.Open(Stream("a"), Token(0));
        Purge(cache);
        Assert.Null(cache.Completed);

        // Who stops now leaves it to the next one.
        cache.UpdateDeliveryProgress(null, default);
        Assert.Null(cache.Completed);

        AddAgain(cache, _rewinds[0], 0);
        End(cache, _rewinds[0]);
        Assert.True(cursor.MoveNext());
        Purge(cache);
        Assert.Null(cache.Completed);
        Assert.Equal([1, 3], Drain(cursor));
        Purge(cache);
        Assert.Equal(4, cache.Completed);
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
    public void Messages_that_wait_for_a_quick_subscriber_are_given_together()
    {
        var cache = Cache(mostAtOnce: 4);
        Add(cache, [.. Enumerable.Repeat("a", 14)]);
        using var cursor = cache.Open(Stream("a"), Token(0));

        Assert.Equal([[0], [1, 2], [3, 4, 5, 6], [7, 8, 9, 10], [11, 12, 13]], Runs(cursor));
        Purge(cache);
        Assert.Equal(14, cache.Completed);
    }

    [Fact]
    public void A_slow_subscriber_is_given_fewer_at_once()
    {
        var cache = Cache(mostAtOnce: 4);
        Add(cache, [.. Enumerable.Repeat("a", 16)]);
        using var cursor = cache.Open(Stream("a"), Token(0));

        Assert.Equal([[0], [1, 2], [3, 4, 5, 6], [7, 8], [9], [10, 11], [12, 13], [14, 15]], Runs(cursor, run => _clock.Advance(run switch
        {
            [3, ..] or [7, ..] => TimeSpan.FromSeconds(2),
            [10, ..] or [12, ..] => TimeSpan.FromSeconds(0.8),
            _ => TimeSpan.Zero,
        })));
    }

    [Fact]
    public void Messages_with_headers_are_given_one_by_one()
    {
        var cache = Cache(mostAtOnce: 4);
        Add(cache, "a", "a");
        cache.AddToCache([Message("a", _next++, null, false, new MessageHeader("own", [])), Message("a", _next++, null, false, new MessageHeader("orleans-namespace", []))]);
        Add(cache, "a");
        using var cursor = cache.Open(Stream("a"), Token(0));

        Assert.Equal([[0], [1], [2], [3, 4]], Runs(cursor));
    }

    [Fact]
    public void Of_several_that_are_not_taken_the_first_is_tried_again_by_itself_and_then_the_others()
    {
        var cache = Cache(mostAtOnce: 8);
        Add(cache, [.. Enumerable.Repeat("a", 9)]);
        using var cursor = cache.Open(Stream("a"), Token(0));
        cursor.MoveNext();
        cursor.MoveNext();
        cursor.MoveNext();
        var run = cursor.GetCurrent(out _)!;
        Assert.Equal([3, 4, 5, 6], Offsets(run));

        // The agent asks before each attempt.
        run.ImportRequestContext();
        run.ImportRequestContext();
        Assert.Equal([3], Offsets(run));
        Assert.Equal(3, run.SequenceToken.SequenceNumber);
        Purge(cache);
        Assert.Equal(3, cache.Completed);

        Assert.True(cursor.MoveNext());
        Purge(cache);
        Assert.Equal(4, cache.Completed);
        Assert.Equal([4], Offsets(cursor.GetCurrent(out _)!));
        cursor.RecordDeliveryFailure();
        Assert.Equal([[5], [6], [7, 8]], Runs(cursor));
        Assert.Equal([4], _buried.Select(letter => letter.Offset));
        Purge(cache);
        Assert.Equal(4, cache.Completed);
        _buried[0].Written();
        Purge(cache);
        Assert.Equal(9, cache.Completed);
    }

    [Fact]
    public void Of_several_that_have_failed_without_another_attempt_each_is_tried_by_itself()
    {
        var cache = Cache(mostAtOnce: 8);
        Add(cache, [.. Enumerable.Repeat("a", 4)]);
        using var cursor = cache.Open(Stream("a"), Token(0));
        cursor.MoveNext();
        cursor.MoveNext();

        cursor.RecordDeliveryFailure();

        Assert.Empty(_buried);
        Purge(cache);
        Assert.Equal(1, cache.Completed);
        Assert.Equal([[1], [2], [3]], Runs(cursor));
    }

    [Fact]
    public void What_is_read_again_is_given_together_too()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.Zero, mostAtOnce: 2);
        Add(cache, "a", "a", "a", "a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        using var cursor = cache.Open(Stream("a"), Token(0));
        AddAgain(cache, _rewinds[0], 0, 1, 2, 3);
        End(cache, _rewinds[0]);

        Assert.Equal([[0], [1, 2], [3]], Runs(cursor));
        Add(cache, "a");
        Assert.Equal([[4]], Runs(cursor));
    }

    [Fact]
    public void Whatever_happens_nothing_undelivered_is_completed_or_dropped() => Gen.Select(Gen.Int[0, 6].Array[1, 300], Gen.Int[1, 5]).Sample((steps, mostAtOnce) =>
    {
        // Three streams, a cursor each, and a little memory; every message must come to its cursor once and in order.
        _next = 0;
        var cache = Cache(options => (options.CacheBytes, options.CacheAge) = (65_536, TimeSpan.FromSeconds(3)), mostAtOnce: mostAtOnce);
        var keys = new[] { "a", "b", "c" };
        var cursors = keys.Select(key => cache.Open(Stream(key), null)).ToArray();
        var sent = keys.Select(_ => new List<long>()).ToArray();
        var got = keys.Select(_ => new List<long>()).ToArray();

        // What a cursor has returned last is on its way until it is asked again; of what fails the first is tried again.
        var onItsWay = new long[keys.Length][];
        Array.Fill(onItsWay, []);
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
                case 5:
                    var key = i % 3;
                    got[key].AddRange(onItsWay[key]);
                    onItsWay[key] = cursors[key].MoveNext() ? Attempt(cursors[key]) : [];
                    break;
                default:
                    onItsWay[i % 3] = onItsWay[i % 3].Length > 0 ? Attempt(cursors[i % 3]) : [];
                    break;
            }

            var undelivered = Enumerable.Range(0, 3).SelectMany(key => sent[key].Skip(got[key].Count)).DefaultIfEmpty(_next).Min();
            Assert.True((cache.Completed ?? 0) <= undelivered, $"{cache.Completed} with {undelivered} undelivered");
        }

        for (var key = 0; key < 3; key++)
        {
            got[key].AddRange(onItsWay[key]);
            got[key].AddRange(Runs(cursors[key]).SelectMany(run => run));
            Assert.Equal(sent[key], got[key]);
        }

        Purge(cache);
        Assert.Equal(_next == 0 ? null : _next, cache.Completed);
    }, threads: 1);

    void ICacheOwner.Read(Rewind rewind) => _rewinds.Add(rewind);

    void ICacheOwner.WriteDeadLetter(KafkaBatchContainer message, Exception? error, Action written) => _buried.Add((message.Offset, written));

    private PartitionCache Cache(Action<KafkaStreamOptions>? configure = null, int batchSize = 1, int mostAtOnce = 1)
    {
        var options = new KafkaStreamOptions();
        configure?.Invoke(options);
        return new(options, batchSize, mostAtOnce, "topic [0]", _clock, NullLogger.Instance) { Owner = this };
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

    /// <returns>The offsets of what is given together.</returns>
    private static List<long[]> Runs(CacheCursor cursor, Action<long[]>? deliver = null)
    {
        var runs = new List<long[]>();
        while (cursor.MoveNext())
        {
            runs.Add(Attempt(cursor));
            deliver?.Invoke(runs[^1]);
        }

        return runs;
    }

    /// <summary>The agent tries to deliver what the cursor has.</summary>
    private static long[] Attempt(CacheCursor cursor)
    {
        var current = cursor.GetCurrent(out _)!;
        if (current is KafkaMessageRun)
        {
            current.ImportRequestContext();
        }

        return Offsets(current);
    }

    private static long[] Offsets(IBatchContainer container) =>
        container is KafkaMessageRun run ? [.. run.Offsets] : [((KafkaBatchContainer)container).Offset];

    private static KafkaBatchContainer Message(string stream, long offset, Rewind? rewind, bool isEnd, params MessageHeader[] headers) =>
        new(null!, Stream(stream), "topic", null, [], headers, Token(offset)) { Rewind = rewind, Sign = isEnd ? RewindSignal.Completed : RewindSignal.None };

    private static StreamId Stream(string key) => StreamId.Create("ns", key);

    private static KafkaSequenceToken Token(long offset) => new(offset, 0);
}
