using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Text;

namespace GrainSensors.Core.Readings;

/// <summary>Which members of readings are measurements although they are not declared: those with a number or a boolean.</summary>
public sealed record DiscoveryRules
{
    /// <summary>The greatest amount of a value. Statistics square distances, and a result that is not finite cannot be announced.</summary>
    public const double MaxValue = 1e100;

    /// <summary>The greatest limit of the values of a reading: all declared measurements, and as many others.</summary>
    public const int MostPerReading = 2 * MeasurementSet.MaxCount;

    /// <summary>The default limit of the values of a reading.</summary>
    public const int DefaultPerReading = 64;

    /// <summary>Only declared measurements count.</summary>
    public static readonly DiscoveryRules None = new() { IsEnabled = false };

    public bool IsEnabled { get; init; } = true;

    /// <summary>Patterns of names, with <c>*</c> and <c>?</c>.</summary>
    public ImmutableArray<string> Include { get; init; } = ["*"];

    /// <summary>Patterns of names that are no measurements, even if <see cref="Include"/> has them.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>The most values of a reading, with a place for each declared measurement.</summary>
    public int MaxPerReading { get; init; } = DefaultPerReading;

    /// <summary>The most measurements in all, without the declared ones.</summary>
    public int Max { get; init; } = 1000;

    /// <inheritdoc cref="Measurement.HasSketch"/>
    public bool HasSketches { get; init; }

    /// <returns>The most values of other measurements in a reading. Declared ones have a place each, whether or not they occur.</returns>
    public int MostBeside(MeasurementSet declared) => Math.Max(0, MaxPerReading - declared.Count);

    /// <returns>A measurement that is not declared.</returns>
    public static Measurement NewMeasurement(string name) => new(name, -MaxValue, MaxValue);

    /// <param name="utf8">The name of a member, without escapes.</param>
    /// <returns>Whether a number of this name is the value of a measurement.</returns>
    public bool Cover(ReadOnlySpan<byte> utf8)
    {
        if (!IsEnabled || utf8.Length is 0 or > SensorName.MaxBytes || !(SensorName.IsPlain(utf8) || SensorName.IsNormal(utf8)))
        {
            return false;
        }

        Span<char> text = stackalloc char[SensorName.MaxBytes];
        var name = (ReadOnlySpan<char>)text[..Encoding.UTF8.GetChars(utf8, text)];
        return IsAmong(Include, name) && !IsAmong(Exclude, name);
    }

    private static bool IsAmong(ImmutableArray<string> patterns, ReadOnlySpan<char> name)
    {
        foreach (var pattern in patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
            {
                return true;
            }
        }

        return false;
    }
}
