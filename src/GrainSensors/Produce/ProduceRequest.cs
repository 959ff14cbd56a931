using System.Globalization;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Produce;

/// <summary>The options of a run of <c>produce</c>.</summary>
/// <param name="Rate">Readings per second of all sensors together; infinite: as many as possible.</param>
/// <param name="For">How long to produce; null: until the command is stopped.</param>
/// <param name="Keyed">Whether a message has the sensor's id as its key.</param>
/// <param name="Errors">Share of erroneous readings, 0 to 1; null: each sensor has its own.</param>
internal sealed record ProduceRequest(int Sensors, int FirstId, double Rate, TimeSpan? For, bool Keyed, double? Errors)
{
    /// <exception cref="UsageException">The text is not a rate.</exception>
    public static double? ParseRate(string option, string text) =>
        text == "max" ? double.PositiveInfinity
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate > 0 ? rate
        : throw new UsageException($"{option} must be readings per second above 0, such as 500 or 0.5, or max; got \"{text}\".");

    /// <exception cref="UsageException">The text is not a share.</exception>
    public static double? ParseErrors(string option, string text)
    {
        var (number, unit) = text.EndsWith('%') ? (text[..^1], 100) : (text, 1);
        var isNumber = double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share);
        return isNumber && share / unit is >= 0 and <= 1
            ? share / unit
            : throw new UsageException(
                $"{option} must be a number from 0 to 1, such as 0.02, or a percentage, such as 2%; got \"{text}\".");
    }
}
