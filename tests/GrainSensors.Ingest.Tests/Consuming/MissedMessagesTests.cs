using GrainSensors.Ingest.Consuming;

namespace GrainSensors.Ingest.Tests.Consuming;

public sealed class MissedMessagesTests
{
    private readonly MissedMessages _missed = new();

    [Fact]
    public void A_start_whose_answer_was_lost_counts_if_it_is_stored()
    {
        Assert.Equal(0, _missed.Settle(7));
        Assert.Equal(100, _missed.Begin(8, 100));

        // The next attempt finds the checkpoint, and 50 further messages are gone.
        Assert.Equal(100, _missed.Settle(8));
        Assert.Equal(150, _missed.Begin(9, 50));
        Assert.Equal(150, _missed.Settle(9));
    }

    [Theory]
    [InlineData(7L)]
    [InlineData(null)]
    public void A_start_that_was_not_stored_does_not_count(long? stored)
    {
        _missed.Begin(8, 100);

        Assert.Equal(0, _missed.Settle(stored));
        Assert.Equal(120, _missed.Begin(9, 120));
        Assert.Equal(120, _missed.Settle(9));
    }
}
