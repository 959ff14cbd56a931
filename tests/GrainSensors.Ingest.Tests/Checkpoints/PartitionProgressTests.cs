using GrainSensors.Core.Time;
using GrainSensors.Ingest.Checkpoints;

namespace GrainSensors.Ingest.Tests.Checkpoints;

/// <summary>What a rewind resets, and what it keeps.</summary>
public sealed class PartitionProgressTests
{
    private const long Start = 100;
    private const long Noon = 1_790_000_000 * EpochTime.MicrosPerSecond;

    private readonly PartitionProgress _progress = new(Start, Noon, idleTimeout: long.MaxValue);

    [Fact]
    public void A_partition_starts_at_its_checkpoint()
    {
        Assert.Equal((Start, Start, Start), (_progress.Position, _progress.Checkpointed, _progress.CountedThrough));
        Assert.Equal(Noon, _progress.StreamTime);
        Assert.True(_progress.IsCheckpointed);
    }

    [Fact]
    public void A_rewind_moves_the_position_back_to_the_checkpoint()
    {
        _progress.Dispatched(200);
        _progress.CheckpointWritten(150, Noon);
        _progress.Dispatched(300);

        _progress.Rewind(generation: 1);

        Assert.Equal((150, 150), (_progress.Position, _progress.Checkpointed));
        Assert.Equal(1, _progress.Generation);
        Assert.Equal(0, _progress.SinceCheckpoint);
    }

    [Fact]
    public void A_rewind_moves_stream_time_back_to_the_checkpoint()
    {
        _progress.CheckpointWritten(Start, Noon + 1);
        _progress.Observe(Noon + 10, wallClock: Noon + 20);
        Assert.Equal(Noon + 10, _progress.StreamTime);

        _progress.Rewind(generation: 1);

        Assert.Equal(Noon + 1, _progress.StreamTime);
    }

    [Fact]
    public void Readings_that_are_dispatched_again_after_a_rewind_have_been_counted()
    {
        _progress.Dispatched(200);

        _progress.Rewind(generation: 1);
        _progress.Dispatched(120);

        Assert.Equal((120, 200), (_progress.Position, _progress.CountedThrough));
    }

    [Fact]
    public void A_dead_letter_is_added_once()
    {
        Assert.True(_progress.TryAddDeadLetter(150));

        _progress.Rewind(generation: 1);

        Assert.False(_progress.TryAddDeadLetter(150));
        Assert.True(_progress.TryAddDeadLetter(151));
    }

    [Fact]
    public void Rewinds_are_counted_until_an_attempt_succeeds()
    {
        Assert.Equal(1, _progress.Rewind(generation: 1));
        Assert.Equal(2, _progress.Rewind(generation: 2));

        _progress.AttemptSucceeded();

        Assert.Equal(1, _progress.Rewind(generation: 3));
    }
}
