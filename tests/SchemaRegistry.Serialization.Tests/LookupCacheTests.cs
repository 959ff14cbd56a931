using Microsoft.Extensions.Time.Testing;
using SchemaRegistry.Serialization.Internals.Caching;

namespace SchemaRegistry.Serialization.Tests;

/// <summary>What is asked for, and how often the registry is asked.</summary>
public sealed class LookupCacheTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly SchemaSerializerOptions _options = new() { MaxSchemas = 16, MaxNegativeAnswers = 16, MaxLookups = 2 };
    private readonly List<int> _asked = [];

    [Fact]
    public async Task A_known_id_is_asked_for_once()
    {
        var cache = Cache(id => Task.FromResult($"schema {id}"));

        Assert.Equal("schema 1", await GetAsync(cache, 1));
        Assert.True(GetAsync(cache, 1).IsCompletedSuccessfully);
        Assert.Equal([1], _asked);
    }

    [Fact]
    public async Task Callers_of_one_id_share_a_request()
    {
        var answer = new TaskCompletionSource<string>();
        var cache = Cache(_ => answer.Task);

        var callers = Enumerable.Range(0, 20).Select(_ => GetAsync(cache, 1)).ToList();
        answer.SetResult("schema");

        Assert.All(await Task.WhenAll(callers), schema => Assert.Equal("schema", schema));
        Assert.Equal([1], _asked);
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_end_the_request_of_others()
    {
        var answer = new TaskCompletionSource<string>();
        var cache = Cache(_ => answer.Task);
        using var stop = new CancellationTokenSource();

        var gone = cache.GetAsync(1, stop.Token).AsTask();
        var patient = GetAsync(cache, 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        answer.SetResult("schema");

        Assert.Equal("schema", await patient);
        Assert.Equal([1], _asked);
    }

    [Fact]
    public async Task An_unknown_id_is_asked_for_again_only_after_its_time()
    {
        var cache = Cache(id => throw new SchemaFormatException($"unknown {id}") { SchemaId = id });

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, (await Assert.ThrowsAsync<SchemaFormatException>(() => GetAsync(cache, 1))).SchemaId);
        }

        Assert.Equal([1], _asked);
        _clock.Advance(_options.NegativeAnswerLifetime);
        await Assert.ThrowsAsync<SchemaFormatException>(() => GetAsync(cache, 1));
        Assert.Equal([1, 1], _asked);
    }

    [Fact]
    public async Task A_flood_of_unknown_ids_stays_bounded_and_evicts_no_schema()
    {
        var cache = Cache(id => id == 0 ? Task.FromResult("known") : throw new SchemaFormatException("unknown"));
        await GetAsync(cache, 0);

        for (var id = 1; id <= 500; id++)
        {
            await Assert.ThrowsAsync<SchemaFormatException>(() => GetAsync(cache, id));
        }

        Assert.InRange(cache.NegativeCount, 1, 16);
        Assert.True(GetAsync(cache, 0).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Many_schemas_stay_bounded_and_the_one_in_use_stays()
    {
        var cache = Cache(id => Task.FromResult($"{id}"));

        for (var id = 1; id <= 100; id++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await GetAsync(cache, 0);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await GetAsync(cache, id);
        }

        Assert.InRange(cache.Count, 1, 16);
        Assert.Equal(1, _asked.Count(id => id == 0));
    }

    [Fact]
    public async Task An_outage_pauses_all_requests_and_then_they_continue()
    {
        var isDown = true;
        var cache = Cache(_ => isDown ? throw new SchemaRegistryUnavailableException("down") : Task.FromResult("up"));

        await Assert.ThrowsAsync<SchemaRegistryUnavailableException>(() => GetAsync(cache, 1));
        isDown = false;
        await Assert.ThrowsAsync<SchemaRegistryUnavailableException>(() => GetAsync(cache, 2));
        Assert.Equal([1], _asked);

        _clock.Advance(_options.RetryDelay);
        Assert.Equal("up", await GetAsync(cache, 1));
        Assert.Equal("up", await GetAsync(cache, 2));
    }

    [Fact]
    public async Task Requests_under_way_are_limited()
    {
        var answer = new TaskCompletionSource<string>();
        var cache = Cache(_ => answer.Task);
        var underWay = new[] { GetAsync(cache, 1), GetAsync(cache, 2) };

        await Assert.ThrowsAsync<SchemaRegistryUnavailableException>(() => GetAsync(cache, 3));

        answer.SetResult("schema");
        await Task.WhenAll(underWay);
        Assert.Equal("schema", await GetAsync(cache, 3));
    }

    private LookupCache<int, string> Cache(Func<int, Task<string>> load) => new(
        id =>
        {
            lock (_asked)
            {
                _asked.Add(id);
            }

            return load(id);
        },
        _options,
        _clock);

    private static Task<string> GetAsync(LookupCache<int, string> cache, int id) =>
        cache.GetAsync(id, TestContext.Current.CancellationToken).AsTask();
}
