using System.Collections.Immutable;
using System.Text;

namespace GrainSensors.Core.Readings;

/// <summary>One measured quantity: its name and the range of its plausible values.</summary>
/// <param name="Name">The member of the reading's JSON, which is also the value of the column <c>metric</c> in the store.</param>
/// <param name="Min">The least plausible value as it is kept, inclusive.</param>
/// <param name="Max">The greatest plausible value as it is kept, inclusive.</param>
public sealed record Measurement(string Name, double Min, double Max)
{
    /// <summary>Values by which devices report that they have none, as they are sent. They are read like null.</summary>
    public ImmutableArray<double> Missing { get; init; } = [];

    /// <summary>
    /// Whether a reading without the measurement reports a disconnected probe, if the sensor has sent it before. Null: only for the first
    /// measurement of a set that names no other one.
    /// </summary>
    public bool? IsPrimary { get; init; }

    /// <summary>Whether windows have a sketch of the values, from which percentiles are read.</summary>
    public bool HasSketch { get; init; }

    /// <summary>The unit of the values that are kept, as people write it; empty: not known.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The unit of the values that are sent, if they are converted; else empty.</summary>
    public string SentUnit { get; init; } = "";

    /// <summary>Makes kept values of those that are sent; null: they are the same.</summary>
    public LinearConversion? Conversion { get; init; }

    /// <summary>The range of values in words: <c>from -40 to 60</c>.</summary>
    public string RangeText => FormattableString.Invariant($"from {Min} to {Max}")
        + (Conversion is null ? "" : $" {Unit} after conversion");

    /// <param name="value">The value as it was sent.</param>
    public bool IsMissing(double value) => Missing.Contains(value);

    /// <param name="value">The value as it is kept.</param>
    /// <returns>Whether the value is plausible; NaN and infinities are not.</returns>
    public bool Accepts(double value) => value >= Min && value <= Max;

    /// <param name="sent">The value as it was sent.</param>
    public double Keep(double sent) => Conversion is null ? sent : Conversion.Convert(sent);

    /// <returns>A value to send that is accepted and kept as this one, or as a number next to it.</returns>
    public double Send(double kept)
    {
        if (Conversion is null || double.IsNaN(kept))
        {
            return kept;
        }

        var sent = Conversion.Invert(kept);
        for (var i = 0; i < 16 && Accepts(kept) && !Accepts(Keep(sent)); i++)
        {
            // The limits of the range are the only values that rounding may move out of it.
            sent = Keep(sent) > Max == Conversion.Factor > 0 ? Math.BitDecrement(sent) : Math.BitIncrement(sent);
        }

        return sent;
    }
}

/// <summary>The measurements of a deployment, in a fixed order.</summary>
public sealed class MeasurementSet
{
    /// <summary>The most declared measurements. Rows, states and messages have room for more; a longer list is rather discovered.</summary>
    public const int MaxCount = 250;

    private readonly string[] _names;
    private readonly byte[][] _utf8Names;

    /// <exception cref="ArgumentException">
    /// The number of measurements is out of range, a name is duplicate or reserved, or a range is empty.
    /// </exception>
    public MeasurementSet(IEnumerable<Measurement> measurements)
    {
        All = [.. measurements];
        if (All.Length is 0 or > MaxCount)
        {
            throw new ArgumentException(
                $"The number of declared measurements must be 1 to {MaxCount}; got {All.Length}. Others are discovered in readings.",
                nameof(measurements));
        }

        foreach (var m in All)
        {
            if (string.IsNullOrWhiteSpace(m.Name) || m.Name is "sensor_id" or "timestamp")
            {
                throw new ArgumentException(
                    $"The name of a measurement must not be empty, sensor_id or timestamp; got \"{m.Name}\".", nameof(measurements));
            }

            if (All.Count(other => other.Name == m.Name) > 1)
            {
                throw new ArgumentException($"Measurement \"{m.Name}\" is configured twice; remove one.", nameof(measurements));
            }

            if (!double.IsFinite(m.Min) || !double.IsFinite(m.Max) || m.Min > m.Max)
            {
                throw new ArgumentException(
                    $"The range of measurement \"{m.Name}\" must have a finite Min and a finite Max that is not below it; "
                    + (double.IsNaN(m.Min) || double.IsNaN(m.Max) ? "give both." : $"got {m.Min} to {m.Max}."),
                    nameof(measurements));
            }

            if (m.Missing.Any(value => !double.IsFinite(value)))
            {
                throw new ArgumentException(
                    $"The missing values of measurement \"{m.Name}\" must be finite numbers.", nameof(measurements));
            }
        }

        int[] primary = [.. Enumerable.Range(0, All.Length).Where(i => All[i].IsPrimary == true)];
        if (primary.Length > 1)
        {
            throw new ArgumentException(
                $"One measurement can be primary; got {string.Join(" and ", primary.Select(i => $"\"{All[i].Name}\""))}.",
                nameof(measurements));
        }

        Primary = primary.Length == 1 ? primary[0] : All[0].IsPrimary is null ? 0 : -1;
        _names = [.. All.Select(m => m.Name)];
        _utf8Names = [.. All.Select(m => Encoding.UTF8.GetBytes(m.Name))];
    }

    /// <summary>
    /// Temperature in °C and relative humidity in %. The range of humidity is wide: cheap sensors drift below 0 and above 100 with
    /// age, and such values are real readings.
    /// </summary>
    public static MeasurementSet Default { get; } =
        new([new("temperature", -273.15, 10_000) { Unit = "°C" }, new("humidity", -100, 200) { Unit = "%" }]);

    public ImmutableArray<Measurement> All { get; }

    public int Count => All.Length;

    /// <summary>The index of the measurement whose absence reports a disconnected probe; −1: none.</summary>
    public int Primary { get; }

    /// <summary>The name of the primary measurement; empty: there is none.</summary>
    public string PrimaryName => Primary < 0 ? "" : All[Primary].Name;

    public Measurement this[int index] => All[index];

    /// <returns>The names of the first measurements. Callers do not change the array.</returns>
    public string[] NamesOf(int count) => count == _names.Length ? _names : _names[..count];

    /// <returns>The unit of the measurement; empty: not known.</returns>
    public string UnitOf(string name) => IndexOf(name) is >= 0 and var index ? All[index].Unit : UsualUnitOf(name);

    /// <returns>The unit of a measurement whose declaration has none; empty: not known.</returns>
    public static string UsualUnitOf(string name) => name switch
    {
        "temperature" => "°C",
        "humidity" => "%",
        _ => "",
    };

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
