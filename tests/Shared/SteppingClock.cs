using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Tests.Shared;

/// <summary>A fake clock whose time of day can be set. Timers and timestamps go on as before, as they do in a machine.</summary>
internal sealed class SteppingClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private TimeSpan _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;

    /// <remarks>The base class derives it from the time of day.</remarks>
    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    /// <param name="step">Negative: the clock is set back.</param>
    public void Step(TimeSpan step) => _offset += step;
}
