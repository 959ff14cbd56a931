using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Dispatch;

namespace GrainSensors.Ingest.Tests.Checkpoints;

/// <summary>How the checkpoint attempts of the partitions on a silo share flushes.</summary>
public sealed class CheckpointAttemptTests
{
    private const int Permits = 3;
    private const int Grains = 5000;

    private static readonly SourceId Source = new(Guid.NewGuid(), 0);
    private readonly FlushesInFlight _inFlight = new();

    [Fact]
    public async Task Attempts_that_share_permits_have_no_more_groups_in_flight_and_get_every_answer()
    {
        using var permits = new SemaphoreSlim(Permits);
        CheckpointAttempt[] attempts = [Attempt(Grains, permits), Attempt(Grains, permits)];

        await Task.WhenAll(attempts.Select(RunAsync)).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.InRange(_inFlight.Most, 2, Permits * CheckpointAttempt.GroupSize);
        Assert.All(attempts, attempt => Assert.Equal(Enumerable.Range(0, Grains), attempt.Grains.Answers.ToArray().Select(a => (int)a!)));
        Assert.All(attempts, attempt => Assert.Null(attempt.Failure));
    }

    [Fact]
    public async Task A_flush_that_fails_gives_its_permit_back_and_leaves_the_others_their_answers()
    {
        using var permits = new SemaphoreSlim(Permits);
        var attempt = Attempt(100, permits, fails: grain => grain % 2 == 0);

        await RunAsync(attempt).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.All(Enumerable.Range(0, 100), grain => Assert.Equal(grain % 2 == 0 ? null : grain, attempt.Grains.Answers.Span[grain]));
        Assert.Equal("the store is away", attempt.Failure?.Message);
        Assert.Equal(Permits, permits.CurrentCount);
    }

    private CheckpointAttempt Attempt(int count, SemaphoreSlim permits, Predicate<int>? fails = null)
    {
        var grains = new AttemptGrains();
        for (var grain = 0; grain < count; grain++)
        {
            grains.Add(new CountedGrain(grain, _inFlight, fails?.Invoke(grain) == true));
        }

        return new(Source, count, 0, grains, [])
        {
            Permits = permits,
            Life = Guid.Empty,
        };
    }

    private static Task RunAsync(CheckpointAttempt attempt) =>
        attempt.RunAsync(new PendingDeadLetters(new NoDeadLetters()), flush: true, static () => { });

    private sealed class FlushesInFlight
    {
        private readonly Lock _gate = new();
        private int _now;

        public int Most { get; private set; }

        public async Task PassAsync()
        {
            lock (_gate)
            {
                Most = Math.Max(Most, ++_now);
            }

            await Task.Yield();
            lock (_gate)
            {
                _now--;
            }
        }
    }

    private sealed class CountedGrain(int number, FlushesInFlight inFlight, bool fails) : GrainHandle
    {
        public override ValueTask<AddStatus> SendAsync(
            SourceId source, ReadingBatch batch, int start, int count, long streamTime, Guid life) =>
            throw new NotSupportedException();

        public override async ValueTask<long> FlushAsync(SourceId source, Guid life)
        {
            await inFlight.PassAsync();
            return fails ? throw new InvalidOperationException("the store is away") : number;
        }
    }
}
