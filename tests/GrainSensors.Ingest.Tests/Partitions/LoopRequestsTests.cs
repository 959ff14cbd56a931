using GrainSensors.Core.Exactness;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Partitions;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Ingest.Tests.Partitions;

/// <summary>What other threads may ask of a loop, and when they have an answer.</summary>
public sealed class LoopRequestsTests
{
    private readonly Signal _wake = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly LoopRequests _requests;
    private readonly PartitionBuffer _buffer;

    public LoopRequestsTests() => (_requests, _buffer) = (new(_wake, _clock), new(10, _wake, ExactnessRules.Default));

    [Fact]
    public void A_request_wakes_the_loop()
    {
        _requests.RequestCheckpoint();

        Assert.True(_wake.WaitAsync().IsCompleted);
        Assert.True(_requests.CheckpointIsRequested);
    }

    [Fact]
    public void A_drain_completes_with_the_loop_and_keeps_the_time_of_its_first_request()
    {
        var first = _clock.GetTimestamp();
        var drained = _requests.DrainAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _ = _requests.DrainAsync();

        Assert.True(_requests.IsDraining);
        Assert.Equal(first, _requests.DrainingSince);
        Assert.False(drained.IsCompleted);

        _requests.Completed();
        Assert.True(drained.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_loop_that_finishes_drains_when_its_buffer_is_empty()
    {
        _requests.DrainIfFinished(_buffer);
        Assert.False(_requests.IsDraining);

        _buffer.Append(0, ReadingBatch.Of(default(Reading)));
        _ = _requests.FinishAsync();
        _requests.DrainIfFinished(_buffer);
        Assert.False(_requests.IsDraining);

        _buffer.Take(static (_, _) => { });
        _requests.DrainIfFinished(_buffer);
        Assert.True(_requests.IsDraining);
    }

    [Fact]
    public void Requests_to_close_all_windows_share_an_answer()
    {
        var first = _requests.CloseAllAsync();
        var second = _requests.CloseAllAsync();
        Assert.True(_requests.IsClosingAll);

        _requests.AllClosed();

        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);
        Assert.False(_requests.IsClosingAll);
    }

    [Fact]
    public void A_loop_that_has_ended_answers_a_request_to_close_all_windows_at_once()
    {
        _requests.Completed();

        Assert.True(_requests.CloseAllAsync().IsCompletedSuccessfully);
    }
}
