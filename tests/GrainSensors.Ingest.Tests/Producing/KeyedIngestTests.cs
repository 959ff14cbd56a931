using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Ingest.Producing.Once;
using GrainSensors.Storage.Idempotency;

namespace GrainSensors.Ingest.Tests.Producing;

/// <summary>Requests with an Idempotency-Key on a real broker, whose silos die at each step.</summary>
[Trait("Category", "System")]
public sealed class KeyedIngestTests : IAsyncLifetime
{
    private const string Hash = "aa";
    private static readonly ClaimKey Key = new("access/ann", "order 1");
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PastHold = KeyedIngest.Hold + TimeSpan.FromSeconds(1);
    private OnceFixture _fixture = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _fixture = await OnceFixture.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_fixture is not null)
        {
            await _fixture.DisposeAsync();
        }
    }

    [Fact]
    public async Task Repeats_of_a_request_on_any_silo_get_its_answer_and_store_nothing()
    {
        var (one, two) = (_fixture.NewSilo(), _fixture.NewSilo());

        Assert.Equal(KeyedStatus.Accepted, (await RunAsync(one)).Status);
        foreach (var silo in new[] { one, two, two })
        {
            var repeat = await RunAsync(silo, prepare: () => throw new InvalidOperationException("a repeat is not checked"));
            Assert.Equal((KeyedStatus.Repeated, """{"accepted":5}"""), (repeat.Status, repeat.Answer));
        }

        Assert.Equal(KeyedStatus.OtherRequest, (await RunAsync(two, hash: "bb")).Status);
        await AssertOnceAsync("order 1");
    }

    [Fact]
    public async Task A_request_after_24_hours_is_another_one()
    {
        var silo = _fixture.NewSilo();
        await RunAsync(silo);
        _fixture.Clock.Step(TimeSpan.FromHours(25));

        Assert.Equal(KeyedStatus.Accepted, (await RunAsync(silo, "tomorrow", hash: "bb")).Status);

        await AssertOnceAsync("order 1", "tomorrow");
    }

    [Fact]
    public async Task A_repeat_finds_the_readings_of_a_silo_that_died_after_the_commit()
    {
        await DieAfterCommitAsync();
        var repeat = await RunAsync(_fixture.NewSilo());
        Assert.Equal(KeyedStatus.UnderWay, repeat.Status);
        Assert.InRange(repeat.RetryAfter, TimeSpan.FromSeconds(1), KeyedIngest.Hold);
        _fixture.Clock.Step(PastHold);

        repeat = await RunAsync(_fixture.NewSilo());

        Assert.Equal((KeyedStatus.Repeated, """{"accepted":5}"""), (repeat.Status, repeat.Answer));
        Assert.Equal(KeyedStatus.Repeated, (await RunAsync(_fixture.NewSilo())).Status);
        await AssertOnceAsync("order 1");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_silo_that_stops_before_the_commit_stores_nothing_when_it_goes_on_after_the_repeat(int after)
    {
        using var goOn = new ManualResetEventSlim();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = RunAsync(_fixture.NewSilo(), prepare: () => _fixture.Batch("order 1", each: sent =>
        {
            if (sent == after)
            {
                stopped.SetResult();
                goOn.Wait(Stop);
            }
        }));
        await stopped.Task.WaitAsync(Deadline, Stop);
        _fixture.Clock.Step(PastHold);

        Assert.Equal(KeyedStatus.Accepted, (await RunAsync(_fixture.NewSilo())).Status);
        goOn.Set();
        await Assert.ThrowsAsync<KafkaUnavailableException>(() => first);

        Assert.Equal(KeyedStatus.Repeated, (await RunAsync(_fixture.NewSilo())).Status);
        await AssertOnceAsync("order 1");
    }

    [Fact]
    public async Task A_silo_that_stops_after_its_claim_stores_nothing_when_it_goes_on_after_the_repeat()
    {
        var (claimed, goOn) = (NewSignal(), NewSignal());
        var stopping = new FailingKeys(_fixture.Store.IdempotencyKeys, _ => Task.CompletedTask, call =>
        {
            claimed.TrySetResult();
            return call == nameof(IIdempotencyKeys.AddAsync) ? goOn.Task : Task.CompletedTask;
        });
        var first = RunAsync(_fixture.NewSilo(stopping));
        await claimed.Task.WaitAsync(Deadline, Stop);
        _fixture.Clock.Step(PastHold);

        Assert.Equal(KeyedStatus.Accepted, (await RunAsync(_fixture.NewSilo())).Status);
        goOn.SetResult();
        await Assert.ThrowsAsync<KafkaUnavailableException>(() => first);

        await AssertOnceAsync("order 1");
    }

    [Fact]
    public async Task Of_repeats_at_the_same_time_one_resolves_the_request()
    {
        await DieAfterCommitAsync();
        _fixture.Clock.Step(PastHold);

        var repeats = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunAsync(_fixture.NewSilo())));

        Assert.Contains(repeats, repeat => repeat.Status == KeyedStatus.Repeated);
        Assert.All(repeats, repeat => Assert.True(repeat.Status is KeyedStatus.Repeated or KeyedStatus.UnderWay, $"{repeat}"));
        await AssertOnceAsync("order 1");
    }

    [Fact]
    public async Task A_repeat_that_stops_before_its_fence_finds_what_the_next_one_stored()
    {
        await DieAfterClaimAsync();
        var (held, goOn) = (NewSignal(), NewSignal());
        var stopping = new FailingKeys(_fixture.Store.IdempotencyKeys, _ => Task.CompletedTask, call =>
        {
            held.TrySetResult();
            return call == nameof(IIdempotencyKeys.HoldAsync) ? goOn.Task : Task.CompletedTask;
        });
        var second = RunAsync(_fixture.NewSilo(stopping));
        await held.Task.WaitAsync(Deadline, Stop);
        _fixture.Clock.Step(PastHold);
        Assert.Equal(KeyedStatus.Accepted, (await RunAsync(_fixture.NewSilo())).Status);

        goOn.SetResult();

        Assert.Equal(KeyedStatus.Repeated, (await second).Status);
        await AssertOnceAsync("order 1");
    }

    [Fact]
    public async Task A_repeat_waits_for_the_transaction_of_another_request_that_hides_the_record()
    {
        var options = _fixture.Kafka.Options;
        using var other = _fixture.Clients.BatchProducer($"other-{Guid.NewGuid():N}");
        other.InitTransactions(Deadline);
        other.BeginTransaction();
        var partition = KafkaPartitionOf(Key);
        other.Produce(new TopicPartition(options.IngestRecordTopic, partition), new() { Key = [1], Value = [1] });
        other.Flush(Deadline);
        await DieAfterCommitAsync();
        _fixture.Clock.Step(PastHold);

        var e = await Assert.ThrowsAsync<KafkaUnavailableException>(() => RunAsync(_fixture.NewSilo()));
        Assert.Contains("transaction of another request", e.Message, StringComparison.Ordinal);
        other.AbortTransaction(Deadline);

        Assert.Equal(KeyedStatus.Repeated, (await RunAsync(_fixture.NewSilo())).Status);
        await AssertOnceAsync("order 1");
    }

    [Fact]
    public async Task Without_the_records_of_that_time_a_repeat_stores_nothing()
    {
        await DieAfterCommitAsync();
        _fixture.Clock.Step(PastHold);
        var at = new TopicPartition(_fixture.Kafka.Options.IngestRecordTopic, KafkaPartitionOf(Key));
        using var admin = _fixture.Clients.Admin();
        await admin.DeleteRecordsAsync([new(at, Offset.End)]);

        Assert.Equal(KeyedStatus.Unknown, (await RunAsync(_fixture.NewSilo())).Status);

        await AssertOnceAsync("order 1");
    }

    [Fact]
    public async Task A_request_that_Kafka_refuses_stores_nothing_and_leaves_its_key()
    {
        var silo = _fixture.NewSilo();
        var large = RandomNumberGenerator.GetBytes(2_000_000);
        await Assert.ThrowsAsync<PayloadTooLargeException>(() => RunAsync(silo, prepare: () => _fixture.Batch("order 1") with
        {
            Messages = () => [.. _fixture.Batch("refused").Messages(), new(_fixture.Kafka.Options.Topic, null, large, [])],
        }));
        await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(silo, prepare: () => throw new ArgumentException("invalid")));

        Assert.Equal(KeyedStatus.Accepted, (await RunAsync(silo, hash: "bb")).Status);

        await AssertOnceAsync("order 1");
    }

    [Fact]
    public async Task A_silo_without_its_store_stores_nothing()
    {
        var away = new FailingKeys(_fixture.Store.IdempotencyKeys, _ => throw FailingKeys.Away);
        await Assert.ThrowsAsync<Storage.Windows.WindowStoreUnavailableException>(() => RunAsync(_fixture.NewSilo(away)));
        await AssertOnceAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static int KafkaPartitionOf(ClaimKey key) => Orleans.Streaming.Kafka.KafkaPartitioner.PartitionOf(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{key.Caller}\n{key.Key}")), 3);

    /// <summary>The readings are in Kafka, and the claim has no answer.</summary>
    private async Task DieAfterCommitAsync()
    {
        var dying = new FailingKeys(
            _fixture.Store.IdempotencyKeys,
            call => call == nameof(IIdempotencyKeys.AnswerAsync) ? throw FailingKeys.Away : Task.CompletedTask);
        Assert.Equal(KeyedStatus.Accepted, (await RunAsync(_fixture.NewSilo(dying))).Status);
    }

    /// <summary>Nothing is in Kafka, and the claim can be taken over.</summary>
    private async Task DieAfterClaimAsync()
    {
        var dying = new FailingKeys(_fixture.Store.IdempotencyKeys, _ => Task.CompletedTask, _ => throw FailingKeys.Away);
        await Assert.ThrowsAsync<Storage.Windows.WindowStoreUnavailableException>(() => RunAsync(_fixture.NewSilo(dying)));
        _fixture.Clock.Step(PastHold);
    }

    private Task<KeyedOutcome> RunAsync(KeyedIngest silo, string name = "order 1", string hash = Hash, Func<KeyedBatch>? prepare = null) =>
        silo.RunAsync(Key, hash, () => Task.FromResult(prepare?.Invoke() ?? _fixture.Batch(name)), Stop);

    private async Task AssertOnceAsync(params string[] names) =>
        Assert.Equal(names.SelectMany(name => OnceFixture.ValuesOf(name)).Order(StringComparer.Ordinal), await _fixture.ReadAsync());
}
