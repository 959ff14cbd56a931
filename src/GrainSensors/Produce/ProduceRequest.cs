using System.Globalization;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Produce;

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
}
