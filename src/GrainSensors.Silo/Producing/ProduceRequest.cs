using System.Globalization;
using System.Xml;

namespace GrainSensors.Silo.Producing;

/// <summary>What to produce.</summary>
/// <param name="Rate">Readings a second of all sensors together; infinite: as many as go.</param>
/// <param name="For">Null: until it is stopped.</param>
/// <param name="Keyed">With the sensor's id as the key.</param>
/// <param name="Errors">Share of the readings that are errors, 0…1; null: each sensor its own.</param>
internal sealed record ProduceRequest(int Sensors, int FirstId, double Rate, TimeSpan? For, bool Keyed, double? Errors)
{
    /// <exception cref="UsageException">It is no rate.</exception>
    public static double ParseRate(string? text, int sensors) => text switch
    {
        null => sensors,
        "max" => double.PositiveInfinity,
        _ when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate > 0 => rate,
        _ => throw new UsageException($"--rate {text} is no rate; give readings a second, such as 500 or 0.5, or max."),
    };

    /// <exception cref="UsageException">It is no share.</exception>
    public static double? ParseErrors(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var (number, unit) = text.EndsWith('%') ? (text[..^1], 100) : (text, 1);
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share / unit is >= 0 and <= 1
            ? share / unit
            : throw new UsageException($"--errors {text} is no share; give a number from 0 to 1, such as 0.02, or a percentage, such as 2%.");
    }

    /// <param name="option">That says it.</param>
    /// <exception cref="UsageException">It is no duration.</exception>
    public static TimeSpan? ParseDuration(string? text, string option = "--for")
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            var duration = text.StartsWith('P') ? XmlConvert.ToTimeSpan(text) : text[^1..] switch
            {
                "s" => TimeSpan.FromSeconds(Number(text[..^1])),
                "m" => TimeSpan.FromMinutes(Number(text[..^1])),
                "h" => TimeSpan.FromHours(Number(text[..^1])),
                _ => TimeSpan.Zero,
            };
            if (duration > TimeSpan.Zero && duration < TimeSpan.FromDays(10_000))
            {
                return duration;
            }
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            // Said below.
        }

        throw new UsageException($"{option} {text} is no duration; give a time such as 90s, 10m or 2h, or an ISO 8601 duration such as PT10M.");

        static double Number(string number) => double.Parse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
    }
}
