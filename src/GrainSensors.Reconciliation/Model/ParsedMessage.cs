using GrainSensors.Core.Readings;

namespace GrainSensors.Reconciliation.Model;

/// <summary>The contents of a message of the readings topic.</summary>
/// <param name="SensorId">The sensor of a reading, or the number of its name; 0 for a rejected message.</param>
/// <param name="EventTime">The timestamp of a reading, µs since the epoch; 0 for a rejected message.</param>
/// <param name="Values">The values of a reading by index of the measurement; NaN for a missing value.</param>
/// <param name="Fault">Why the message is rejected; null for a reading.</param>
/// <param name="Fingerprint">A hash of a rejected message's bytes, valid within this process.</param>
internal readonly record struct ParsedMessage(int SensorId, long EventTime, MeasurementValues Values, string? Fault, int Fingerprint)
{
    /// <summary>The <see cref="Fault"/> of an object with other members, none of which is a measurement.</summary>
    public const string NoMeasurement = "no measurement";

    /// <summary>The <see cref="Fault"/> of a message whose schema is not in the registry now.</summary>
    public const string NoSchema = "no-schema";

    public bool IsReading => Fault is null;

    /// <summary>The name of the sensor; null: it has an id.</summary>
    public string? Name { get; init; }

    /// <summary>The values of measurements that are not declared, by index of those that the parser knows.</summary>
    public IReadOnlyList<MeasuredValue> Others { get; init; } = [];

    /// <summary>The sensor is text, or an integer that is not an id. Version 0.1 rejects such messages.</summary>
    public bool IsOfLaterForm { get; init; }

    /// <summary>The message has no value of a declared measurement.</summary>
    public bool HasOnlyOthers => Values.IsEmpty;

    public static ParsedMessage Rejected(string fault, ReadOnlySpan<byte> bytes) => new(0, 0, default, fault, FingerprintOf(bytes));

    /// <returns>A hash that is valid within this process.</returns>
    public static int FingerprintOf(ReadOnlySpan<byte> bytes)
    {
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    public bool Equals(ParsedMessage other) =>
        (EventTime, Fault, Fingerprint, Name) == (other.EventTime, other.Fault, other.Fingerprint, other.Name)
        && (Name is not null || SensorId == other.SensorId)
        && Values.ToArray().AsSpan().SequenceEqual(other.Values.ToArray())
        && (Others ?? []).SequenceEqual(other.Others ?? []);

    public override int GetHashCode() => HashCode.Combine(EventTime, Fault, Fingerprint);
}
