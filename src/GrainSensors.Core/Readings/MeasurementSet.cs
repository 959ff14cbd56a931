using System.Collections.Immutable;
using System.Text;

namespace GrainSensors.Core.Readings;

/// <summary>One measured quantity: its JSON member name and the range outside of which a value cannot be true.</summary>
/// <param name="Name">The member of the reading's JSON, which is also the metric in the store.</param>
/// <param name="Min">Least plausible value, inclusive.</param>
/// <param name="Max">Greatest plausible value, inclusive.</param>
public sealed record Measurement(string Name, double Min, double Max)
{
    /// <returns>Whether the value can be true; NaN and infinities cannot.</returns>
    public bool Accepts(double value) => value >= Min && value <= Max;
}

/// <summary>The measurements that a deployment accumulates, in a fixed order.</summary>
public sealed class MeasurementSet
{
    private readonly byte[][] _utf8Names;

    /// <exception cref="ArgumentException">No measurement, too many, a name twice or reserved, or an empty range.</exception>
    public MeasurementSet(IEnumerable<Measurement> measurements)
    {
        All = [.. measurements];
        if (All.Length is 0 or > MeasurementValues.Capacity)
        {
            throw new ArgumentException(
                $"{All.Length} measurements are configured; give 1 to {MeasurementValues.Capacity}.", nameof(measurements));
        }

        foreach (var m in All)
        {
            if (string.IsNullOrWhiteSpace(m.Name) || m.Name is "sensor_id" or "timestamp")
            {
                throw new ArgumentException($"\"{m.Name}\" cannot be the name of a measurement.", nameof(measurements));
            }

            if (All.Count(other => other.Name == m.Name) > 1)
            {
                throw new ArgumentException($"Measurement \"{m.Name}\" is configured twice; leave one.", nameof(measurements));
            }

            if (!double.IsFinite(m.Min) || !double.IsFinite(m.Max) || m.Min > m.Max)
            {
                throw new ArgumentException(
                    $"Measurement \"{m.Name}\" has the range {m.Min}…{m.Max}; give finite numbers, the lower first.",
                    nameof(measurements));
            }
        }

        _utf8Names = [.. All.Select(m => Encoding.UTF8.GetBytes(m.Name))];
    }

    /// <summary>
    /// Temperature in °C and relative humidity in %. The humidity range is wide because cheap sensors
    /// drift below 0 and above 100 when they age, and such values are real readings.
    /// </summary>
    public static MeasurementSet Default { get; } =
        new([new("temperature", -273.15, 10_000), new("humidity", -100, 200)]);

    public ImmutableArray<Measurement> All { get; }

    public int Count => All.Length;

    public Measurement this[int index] => All[index];

    /// <returns>The index of the measurement, or −1.</returns>
    public int IndexOf(string name)
    {
        for (var i = 0; i < All.Length; i++)
        {
            if (All[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    internal ReadOnlySpan<byte> Utf8Name(int index) => _utf8Names[index];
}
