using GrainSensors.Ingest.Partitions;
using GrainSensors.Ingest.Status;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Partitions;

/// <summary>What the log says of an outage, however many partitions fail however often.</summary>
public sealed class PartitionOutagesTests
{
    private const string Reason = "The window store postgres:db refused a statement: full (SQLSTATE 53100).";

    private readonly FakeTimeProvider _clock = new();
    private readonly RecordedLog<PartitionOutagesTests> _log = new();
    private readonly PartitionOutages _outages;

    public PartitionOutagesTests() => _outages = new(_clock, _log);

    [Fact]
    public void A_hundred_partitions_that_fail_for_150_s_have_four_lines()
    {
        for (var second = 0; second < 150; second++)
        {
            FailAll();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        for (var partition = 0; partition < 100; partition++)
        {
            _outages.Ended(new(null, partition));
        }

        Assert.Equal(3, _log.Lines.Count);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal($"Partition 0 is stalled and will retry: {Reason}", _log.Lines[0]);
        Assert.StartsWith("The outage lasts 60 s with 6001 failures; stalled partitions: 0, 1,", _log.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith(Reason, _log.Lines[2], StringComparison.Ordinal);
        Assert.Equal("The outage is over after 150 s with 15000 failures; no partition is stalled", Assert.Single(_log.Lines.Skip(3)));
    }

    [Fact]
    public void Partitions_that_fail_in_turn_are_one_outage()
    {
        for (var turn = 0; turn < 20; turn++)
        {
            _outages.Failed(new(null, turn), Reason);
            _outages.Ended(new(null, turn));
            _clock.Advance(TimeSpan.FromSeconds(9));
        }

        Assert.Equal(3, _log.Lines.Count);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("The outage is over after 171 s with 20 failures; no partition is stalled", _log.Lines[^1]);
    }

    [Fact]
    public void The_next_outage_has_lines_of_its_own()
    {
        _outages.Failed(new(null, 3), Reason, isStarting: true);
        _outages.Ended(new(null, 3));
        _clock.Advance(TimeSpan.FromSeconds(10));
        _outages.Failed(new(null, 4), Reason);
        Assert.Equal(
            [
                $"The start position of partition 3 is not known yet: {Reason}",
                "The outage is over after 0 s with 1 failures; no partition is stalled",
                $"Partition 4 is stalled and will retry: {Reason}",
            ],
            _log.Lines);
    }

    [Fact]
    public void A_partition_that_never_failed_ends_nothing()
    {
        _outages.Failed(new(null, 1), Reason);
        _outages.Ended(new(null, 2));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Single(_log.Lines);
    }

    [Fact]
    public void A_partition_is_stalled_since_its_first_failure()
    {
        var counters = new PartitionCounters();
        counters.Stalled("first", 10);
        counters.Stalled("second", 20);
        Assert.Equal(("second", 10), (counters.Trouble, counters.StalledSince));
        counters.Recovered();
        Assert.Equal((null, null), (counters.Trouble, counters.StalledSince));
        counters.Stalled("third", 30);
        Assert.Equal(30, counters.StalledSince);
    }

    private void FailAll()
    {
        for (var partition = 0; partition < 100; partition++)
        {
            _outages.Failed(new(null, partition), Reason);
        }
    }
}
