using GrainSensors.Grains.Sensors;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Grains.Tests.Sensors;

public sealed class PublishOutageTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecordedLog<PublishOutage> _log = new();
    private readonly PublishOutage _outage;

    public PublishOutageTests() => _outage = new(_clock, _log);

    [Fact]
    public void An_outage_is_logged_once_when_it_begins_and_once_when_it_is_over()
    {
        for (var i = 0; i < 1000; i++)
        {
            _outage.Failed(new InvalidOperationException("The topic is gone."));
        }

        Assert.Contains("The topic is gone.", Assert.Single(_log.Lines), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(5));
        _outage.Succeeded();
        _outage.Succeeded();
        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("readings not published: 1000", _log.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void While_a_part_of_the_log_is_out_successes_end_nothing()
    {
        for (var second = 0; second < 60; second++)
        {
            _outage.Failed(new InvalidOperationException("One broker is gone."));
            _clock.Advance(TimeSpan.FromSeconds(1));
            _outage.Succeeded();
        }

        Assert.Single(_log.Lines);
    }

    [Fact]
    public void The_next_outage_is_logged_again()
    {
        for (var i = 0; i < 2; i++)
        {
            _outage.Failed(new InvalidOperationException("Gone."));
            _clock.Advance(TimeSpan.FromSeconds(5));
            _outage.Succeeded();
        }

        Assert.Equal(4, _log.Lines.Count);
        Assert.Contains("readings not published: 1", _log.Lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Success_alone_is_no_news()
    {
        _outage.Succeeded();
        Assert.Empty(_log.Lines);
    }
}
