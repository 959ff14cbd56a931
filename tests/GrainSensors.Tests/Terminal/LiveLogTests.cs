using GrainSensors.Terminal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Tests.Terminal;

/// <summary>The log writes nothing while the table has the screen, and loses no entry.</summary>
public sealed class LiveLogTests
{
    [Fact]
    public void What_is_logged_while_it_is_held_is_written_afterwards()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 13, 0, 0, TimeSpan.Zero));
        var written = new StringWriter { NewLine = "\n" };
        using var log = new LiveLog(written, clock);
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        var logger = factory.CreateLogger("test");

        logger.LogWarning("before");
        var hold = log.Hold();
        logger.LogWarning("meanwhile");
        clock.Advance(TimeSpan.FromMinutes(1));
        logger.LogError(new IOException("broken"), "later");

        Assert.Equal("2026-11-24T13:00:00.000Z Warning: before\n", written.ToString());
        Assert.Equal(["later: broken"], log.Since(clock.GetUtcNow().AddSeconds(-30)).Select(entry => entry.Text));

        hold.Dispose();
        logger.LogWarning("after");
        Assert.Equal(
            [
                "2026-11-24T13:00:00.000Z Warning: before",
                "2026-11-24T13:00:00.000Z Warning: meanwhile",
                "2026-11-24T13:01:00.000Z Error: later: broken",
                "2026-11-24T13:01:00.000Z Warning: after",
            ],
            written.ToString().TrimEnd().Split('\n'));
    }
}
