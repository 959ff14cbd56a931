using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Checkpoints;

/// <summary>The two paces of a partition: rows are flushed often, checkpoints are taken when they are worth it.</summary>
public sealed class CheckpointScheduleTests
{
    private static readonly IngestOptions Options = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly FlushBudget _budget;
    private readonly CheckpointSchedule _schedule;

    public CheckpointScheduleTests()
    {
        _budget = new(Options, 2, _clock);
        _schedule = new(Options, _budget, _clock);
        Checkpoint(TimeSpan.Zero);
    }

    [Fact]
    public void Rows_are_flushed_every_half_second_and_a_checkpoint_is_taken_every_five()
    {
        var (flushes, checkpoints) = (0, 0);
        for (var time = TimeSpan.Zero; time < TimeSpan.FromSeconds(60); time += TimeSpan.FromMilliseconds(100))
        {
            Pass(0.1);
            _schedule.Dispatched();
            if (IsDue(isDrained: true))
            {
                Checkpoint(TimeSpan.Zero);
                checkpoints++;
            }
            else if (_schedule.FlushIsDue(isBehind: false))
            {
                Flush(1, TimeSpan.Zero);
                flushes++;
            }
        }

        Assert.Equal((108, 12), (flushes, checkpoints));
    }

    [Fact]
    public void Flushes_take_a_fifth_of_the_time_at_most()
    {
        Pass(1);
        Flush(1, TimeSpan.FromSeconds(0.4));

        Pass(1.5);
        Assert.False(_schedule.FlushIsDue(isBehind: false));
        Pass(0.1);
        Assert.True(_schedule.FlushIsDue(isBehind: false));
    }

    [Fact]
    public void Partitions_that_have_spent_the_budget_of_the_silo_wait_for_it()
    {
        var other = new CheckpointSchedule(Options, _budget, _clock);
        Pass(1);
        Flush(Options.MaxFlushedRows * 3 / 2, TimeSpan.Zero);

        Assert.False(other.FlushIsDue(isBehind: false));
        Pass(0.6);
        Assert.True(other.FlushIsDue(isBehind: false));
    }

    [Fact]
    public void Rows_with_many_measurements_are_limited_by_the_log_that_they_make_PostgreSQL_write()
    {
        var budget = new FlushBudget(Options with { MaxFlushedLogBytes = 1_212_000 }, measurements: 25, _clock);

        budget.Spend(1_500);
        Pass(0.49);
        Assert.False(budget.IsLeft);
        Pass(0.02);
        Assert.True(budget.IsLeft);
    }

    [Fact]
    public void A_partition_that_is_behind_flushes_nothing_ahead_of_its_checkpoints_and_takes_them_rarely()
    {
        Checkpoint(TimeSpan.FromSeconds(1));

        Pass(10);
        Assert.False(_schedule.FlushIsDue(isBehind: true));
        Assert.False(IsDue(isBehind: true));
        Pass(10);
        Assert.True(IsDue(isBehind: true));
    }

    [Fact]
    public void A_partition_that_has_caught_up_takes_a_checkpoint_at_once()
    {
        Checkpoint(TimeSpan.FromSeconds(3));
        Pass(3);
        Assert.False(IsDue(isBehind: true));
        Assert.False(IsDue());

        _schedule.Dispatched();
        Assert.True(IsDue(isDrained: true));
        Checkpoint(TimeSpan.FromSeconds(3));
        Pass(3);
        _schedule.Dispatched();
        Assert.False(IsDue(isDrained: true));
    }

    [Fact]
    public void A_partition_without_new_readings_takes_a_checkpoint_before_its_interval_is_over()
    {
        _schedule.Dispatched();
        Pass(1.4);
        Assert.False(IsDue(isDrained: true));
        Pass(0.1);
        Assert.False(IsDue(isDrained: false));
        Assert.True(IsDue(isDrained: true));
    }

    private bool IsDue(bool isBehind = false, bool isDrained = false) =>
        _schedule.IsDue(readings: 1, windowsAreDue: false, isBehind, isDrained);

    private void Flush(int grains, TimeSpan duration)
    {
        _schedule.FlushStarted(grains);
        _clock.Advance(duration);
        _schedule.Completed(isFlush: true);
    }

    private void Checkpoint(TimeSpan duration)
    {
        _schedule.Started(grains: 1);
        _clock.Advance(duration);
        _schedule.Completed(isFlush: false);
    }

    private void Pass(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));
}
