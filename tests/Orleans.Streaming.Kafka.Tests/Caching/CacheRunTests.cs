using CsCheck;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Tests.Caching;

/// <summary>Delivery of several messages in one call.</summary>
public sealed class CacheRunTests : CacheFixture
{
    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void With_batches_a_full_one_is_delivered_at_the_next_request_and_a_short_one_after_its_end(int messages)
    {
        var cache = Cache(batchSize: 3);
        using var cursor = cache.Open(Stream("a"), null);
        Add(cache, [.. Enumerable.Repeat("a", messages)]);
        for (var i = 0; i < messages; i++)
        {
            Assert.True(cursor.MoveNext());
            Purge(cache);
            Assert.Equal(i < 3 ? null : 3, cache.Completed);
        }

        Assert.False(cursor.MoveNext());
        Purge(cache);
        Assert.Equal(messages == 6 ? 6 : 3, cache.Completed);
        Assert.False(cursor.MoveNext());
        Purge(cache);
        Assert.Equal(messages, cache.Completed);
    }

    [Fact]
    public void With_batches_the_first_message_after_a_position_may_be_one_that_the_agent_drops()
    {
        var cache = Cache(batchSize: 2);
        Add(cache, "a", "a", "a", "a");
        using var cursor = cache.Open(Stream("a"), Token(1));

        // Message 1 is the position itself: the agent may deliver 2 and 3, or 1 and 2.
        cursor.MoveNext();
        cursor.MoveNext();
        cursor.MoveNext();
        Purge(cache);
        Assert.Equal(2, cache.Completed);
        Assert.False(cursor.MoveNext());
        Purge(cache);
        Assert.Equal(2, cache.Completed);
        Assert.False(cursor.MoveNext());
        Purge(cache);
        Assert.Equal(4, cache.Completed);
    }

    [Fact]
    public void With_batches_those_that_fail_for_good_are_dead_letters_and_hold_nothing()
    {
        var cache = Cache(batchSize: 2);
        using var cursor = cache.Open(Stream("a"), null);
        Add(cache, "a", "a");
        cursor.MoveNext();
        cursor.MoveNext();
        FailForGood(cursor);
        Assert.False(cursor.MoveNext());

        Assert.All(DeadLetters, letter => letter.Written());
        Purge(cache);
        Assert.Equal((2, 2), (DeadLetters.Count, cache.Completed));
    }

    [Fact]
    public void Messages_that_wait_for_a_quick_subscriber_are_given_together()
    {
        var cache = Cache(maxRunLength: 4);
        Add(cache, [.. Enumerable.Repeat("a", 14)]);
        using var cursor = cache.Open(Stream("a"), Token(0));

        Assert.Equal([[0], [1, 2], [3, 4, 5, 6], [7, 8, 9, 10], [11, 12, 13]], Runs(cursor));
        Purge(cache);
        Assert.Equal(14, cache.Completed);
    }

    [Fact]
    public void A_slow_subscriber_is_given_fewer_at_once()
    {
        var cache = Cache(maxRunLength: 4);
        Add(cache, [.. Enumerable.Repeat("a", 16)]);
        using var cursor = cache.Open(Stream("a"), Token(0));

        Assert.Equal([[0], [1, 2], [3, 4, 5, 6], [7, 8], [9], [10, 11], [12, 13], [14, 15]], Runs(cursor, run => Clock.Advance(run switch
        {
            [3, ..] or [7, ..] => TimeSpan.FromSeconds(2),
            [10, ..] or [12, ..] => TimeSpan.FromSeconds(0.8),
            _ => TimeSpan.Zero,
        })));
    }

    [Fact]
    public void Messages_with_headers_are_given_one_by_one()
    {
        var cache = Cache(maxRunLength: 4);
        Add(cache, "a", "a");
        cache.AddToCache([Message("a", NextOffset++, new MessageHeader("own", []))]);
        cache.AddToCache([Message("a", NextOffset++, new MessageHeader("orleans-namespace", []))]);
        Add(cache, "a");
        using var cursor = cache.Open(Stream("a"), Token(0));

        Assert.Equal([[0], [1], [2], [3, 4]], Runs(cursor));
    }

    [Fact]
    public void Of_several_that_are_not_taken_the_first_is_tried_again_by_itself_and_then_the_others()
    {
        var cache = Cache(maxRunLength: 8);
        Add(cache, [.. Enumerable.Repeat("a", 9)]);
        using var cursor = cache.Open(Stream("a"), Token(0));
        cursor.MoveNext();
        cursor.MoveNext();
        cursor.MoveNext();
        var run = cursor.GetCurrent(out _)!;
        Assert.Equal([3, 4, 5, 6], Offsets(run));

        // The agent imports the request context before each attempt.
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
        FailForGood(cursor);
        Assert.Equal([[5], [6], [7, 8]], Runs(cursor));
        Assert.Equal([4], DeadLetters.Select(deadLetter => deadLetter.Offset));
        Purge(cache);
        Assert.Equal(4, cache.Completed);
        DeadLetters[0].Written();
        Purge(cache);
        Assert.Equal(9, cache.Completed);
    }

    [Fact]
    public void Of_several_that_have_failed_without_another_attempt_each_is_tried_by_itself()
    {
        var cache = Cache(maxRunLength: 8);
        Add(cache, [.. Enumerable.Repeat("a", 4)]);
        using var cursor = cache.Open(Stream("a"), Token(0));
        cursor.MoveNext();
        cursor.MoveNext();

        cursor.RecordDeliveryFailure();

        Assert.Empty(DeadLetters);
        Purge(cache);
        Assert.Equal(1, cache.Completed);
        Assert.Equal([[1], [2], [3]], Runs(cursor));
    }

    [Fact]
    public void What_is_read_again_is_given_together_too()
    {
        var cache = Cache(options => options.CacheAge = TimeSpan.Zero, maxRunLength: 2);
        Add(cache, "a", "a", "a", "a");
        Clock.Advance(TimeSpan.FromSeconds(1));
        Purge(cache);
        using var cursor = cache.Open(Stream("a"), Token(0));
        AddAgain(cache, Rewinds[0], 0, 1, 2, 3);
        End(cache, Rewinds[0]);

        Assert.Equal([[0], [1, 2], [3]], Runs(cursor));
        Add(cache, "a");
        Assert.Equal([[4]], Runs(cursor));
    }

    [Fact]
    public void Whatever_happens_nothing_undelivered_is_completed_or_dropped() =>
        Gen.Select(Gen.Int[0, 6].Array[1, 300], Gen.Int[1, 5]).Sample(DeliverAtRandom, threads: 1);

    private void DeliverAtRandom(int[] steps, int maxRunLength)
    {
        // Three streams with a cursor each and little memory: each message reaches its cursor once and in order.
        NextOffset = 0;
        var cache = Cache(
            options => (options.CacheBytes, options.CacheAge) = (65_536, TimeSpan.FromSeconds(3)), maxRunLength: maxRunLength);
        var keys = new[] { "a", "b", "c" };
        var cursors = keys.Select(key => cache.Open(Stream(key), null)).ToArray();
        var sent = keys.Select(_ => new List<long>()).ToArray();
        var got = keys.Select(_ => new List<long>()).ToArray();

        // The last messages of a cursor are in flight until its next move. After a failure the first is retried.
        var onItsWay = new long[keys.Length][];
        Array.Fill(onItsWay, []);
        for (var i = 0; i < steps.Length; i++)
        {
            switch (steps[i])
            {
                case < 3:
                    sent[steps[i]].Add(NextOffset);
                    Add(cache, keys[steps[i]]);
                    break;
                case 3:
                    Purge(cache);
                    break;
                case 4:
                    Clock.Advance(TimeSpan.FromSeconds(1));
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

            var undelivered = Enumerable.Range(0, 3).SelectMany(key => sent[key].Skip(got[key].Count)).DefaultIfEmpty(NextOffset).Min();
            Assert.True((cache.Completed ?? 0) <= undelivered, $"{cache.Completed} with {undelivered} undelivered");
        }

        for (var key = 0; key < 3; key++)
        {
            got[key].AddRange(onItsWay[key]);
            got[key].AddRange(Runs(cursors[key]).SelectMany(run => run));
            Assert.Equal(sent[key], got[key]);
        }

        Purge(cache);
        Assert.Equal(NextOffset == 0 ? null : NextOffset, cache.Completed);
    }
}
