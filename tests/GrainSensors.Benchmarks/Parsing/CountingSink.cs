using GrainSensors.Sources.Results;

namespace GrainSensors.Benchmarks.Parsing;

/// <summary>Takes readings, and keeps no more than their number.</summary>
internal sealed class CountingSink : IReadingSink
{
    public int Readings { get; set; }

    public double Sum { get; private set; }

    public void Reading(int index, ReadOnlySpan<byte> sensor, long micros) => Readings++;

    public void Value(ReadOnlySpan<byte> name, double value) => Sum += value;

    public void Null(ReadOnlySpan<byte> name)
    {
    }

    public void Reject(int index, SourceRejectReason reason, string detail) => throw new InvalidOperationException(detail);
}
