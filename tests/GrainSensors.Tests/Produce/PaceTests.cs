using GrainSensors.Produce;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Tests.Produce;

/// <summary>The rate at which <c>produce</c> sends readings.</summary>
public sealed class PaceTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(0.5)]
    [InlineData(20)]
    [InlineData(500)]
    [InlineData(250_000)]
    public void The_first_reading_goes_at_once_and_the_others_at_the_rate(double rate)
    {
        var pace = new Pace(rate, _clock);
        var sent = Send(pace);
        Assert.Equal(1, sent);
        for (var i = 0; i < 400; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            sent += Send(pace);
        }

        Assert.Equal(1 + (4 * rate), sent);
    }

    [Fact]
    public void What_could_not_be_sent_for_more_than_a_second_is_let_go()
    {
        var pace = new Pace(100, _clock);
        Send(pace);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(100, Send(pace));
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(50, Send(pace));
    }

    /// <returns>The number of readings that were due.</returns>
    private static int Send(Pace pace)
    {
        var sent = 0;
        while (pace.Due() is > 0 and var due)
        {
            sent += due;
        }

        return sent;
    }
}
