using GrainSensors.Core.Readings;

namespace GrainSensors.Reconciliation.Local;

/// <summary>What a message of the readings' topic says.</summary>
/// <param name="SensorId">Of a reading.</param>
/// <param name="EventTime">Of a reading, µs since the epoch.</param>
/// <param name="Values">Of a reading, by the index of the measurement; NaN where there is none.</param>
/// <param name="Fault">Why it is no reading; null: it is one.</param>
/// <param name="Fingerprint">Of the bytes of what is no reading, within this process.</param>
internal readonly record struct ParsedMessage(int SensorId, long EventTime, MeasurementValues Values, string? Fault, int Fingerprint)
{
    public bool IsReading => Fault is null;

    public static ParsedMessage Rejected(string fault, ReadOnlySpan<byte> bytes)
    {
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        return new(0, 0, default, fault, hash.ToHashCode());
    }

    public bool Equals(ParsedMessage other) =>
        (SensorId, EventTime, Fault, Fingerprint) == (other.SensorId, other.EventTime, other.Fault, other.Fingerprint)
        && HasSame(Values, other.Values);

    public override int GetHashCode() => HashCode.Combine(SensorId, EventTime, Fault, Fingerprint);

    private static bool HasSame(MeasurementValues mine, MeasurementValues theirs) => ((ReadOnlySpan<double>)mine).SequenceEqual(theirs);
}
