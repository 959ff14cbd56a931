using System.Text;

namespace GrainSensors.Core.Readings;

/// <summary>A measurement that a process knows.</summary>
/// <param name="number">Its number in the catalogue. The number of a declared measurement is its index among those.</param>
/// <param name="measurement">Its name, range and missing values.</param>
public sealed class KnownMeasurement(int number, Measurement measurement, MeasurementState state)
{
    public int Number => number;

    public string Name => measurement.Name;

    public Measurement Measurement => measurement;

    public MeasurementState State => state;

    public bool IsDeclared => state == MeasurementState.Declared;

    /// <summary>Whether the values of readings count.</summary>
    public bool IsTaken => state is MeasurementState.Declared or MeasurementState.Admitted;

    internal byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(measurement.Name);

    /// <summary>The name in JSON with the quote that ends it. Empty if it needs escapes: such a name never occurs as it is.</summary>
    internal byte[] QuotedName { get; } = Quote(Encoding.UTF8.GetBytes(measurement.Name));

    private static byte[] Quote(byte[] name) =>
        name.AsSpan().ContainsAnyInRange((byte)0, (byte)31) || name.AsSpan().ContainsAny((byte)'"', (byte)'\\')
            ? [] : [.. name, (byte)'"'];
}
