using GrainSensors.Sources.Results;

namespace GrainSensors.Sources.Tests.Mapping;

/// <summary>Takes readings without allocating.</summary>
internal sealed class SilentSink : IReadingSink
{
    public int Values { get; private set; }

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros)
    {
    }

    public void Value(ReadOnlySpan<byte> name, double value) => Values++;

    public void Null(ReadOnlySpan<byte> name) => Values++;

    public void Reject(int index, SourceRejectReason reason, string detail) => Assert.Fail(detail);
}
