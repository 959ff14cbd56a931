using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;
using GrainSensors.Ingest.DeadLetters;
using GrainSensors.Ingest.Partitions;

namespace GrainSensors.Ingest.Tests.Partitions;

/// <summary>What the rounds of a silo's partitions ask of grains at once.</summary>
public sealed class CheckpointRoundTests
{
    private const int Permits = 3;
    private const int Slots = 5000;

    private static readonly SourceId Source = new(Guid.NewGuid(), 0);
    private readonly FlushesUnderWay _underWay = new();

    [Fact]
    public async Task Rounds_that_share_permits_have_no_more_groups_under_way_and_get_every_answer()
    {
        using var permits = new SemaphoreSlim(Permits);
        CheckpointAttempt[] rounds = [Round(Slots, permits), Round(Slots, permits)];

        await Task.WhenAll(rounds.Select(RunAsync)).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.InRange(_underWay.Most, 2, Permits * CheckpointAttempt.GroupSize);
        Assert.All(rounds, round => Assert.All(Enumerable.Range(0, Slots), slot => Assert.Equal(slot, round.Answer(slot))));
        Assert.All(rounds, round => Assert.Null(round.Failure));
    }

    [Fact]
    public async Task A_flush_that_fails_gives_its_permit_back_and_leaves_the_others_their_answers()
    {
        using var permits = new SemaphoreSlim(Permits);
        var round = Round(100, permits, fails: slot => slot % 2 == 0);

        await RunAsync(round).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.All(Enumerable.Range(0, 100), slot => Assert.Equal(slot % 2 == 0 ? null : slot, round.Answer(slot)));
        Assert.Equal("the store is away", round.Failure?.Message);
        Assert.Equal(Permits, permits.CurrentCount);
    }

    private CheckpointAttempt Round(int slots, SemaphoreSlim permits, Predicate<int>? fails = null) =>
        new(Source, slots, 0, [.. Enumerable.Range(0, slots).Select(slot => new CountedSlot(slot, _underWay, fails?.Invoke(slot) == true))], [])
        {
            Permits = permits,
        };

    private static Task RunAsync(CheckpointAttempt round) => round.RunAsync(new PendingDeadLetters(new NoDeadLetters()), flush: true, static () => { });

    private sealed class FlushesUnderWay
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

    private sealed class CountedSlot(int number, FlushesUnderWay underWay, bool fails) : GrainHandle
    {
        public override ValueTask<AddStatus> SendAsync(SourceId source, Reading[] batch, int start, int count, long streamTime) =>
            throw new NotSupportedException();

        public override async ValueTask<long> FlushAsync(SourceId source)
        {
            await underWay.PassAsync();
            return fails ? throw new InvalidOperationException("the store is away") : number;
        }
    }
}
