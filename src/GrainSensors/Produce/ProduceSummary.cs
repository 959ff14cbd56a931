using System.Globalization;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Produce;

/// <summary>The result of <c>produce</c>.</summary>
/// <param name="NotAcknowledged">Readings that Kafka refused, or did not acknowledge by the end.</param>
/// <param name="Failure">Why Kafka refused the last refused reading; null: it refused none.</param>
internal sealed record ProduceSummary(
    string Kafka, string Topic, int Sensors, long Readings, long Acknowledged, long NotAcknowledged, double Seconds, string? Failure)
{
    public double ReadingsPerSecond => Seconds > 0 ? Acknowledged / Seconds : 0;

    public string ToJson() => JsonOutput.Of(this);

    public string ToText()
    {
        var culture = CultureInfo.InvariantCulture;
        var what = $"{Plural.Of(Readings, "reading")} of {Plural.Of(Sensors, "sensor")} to {Topic} at {Kafka}";
        var rate = string.Create(culture, $"in {Seconds:0.0} s: {ReadingsPerSecond:N0} readings/s, {NotAcknowledged:N0} not acknowledged");
        return $"{what} {rate}{(Failure is null ? "" : $" ({Failure})")}";
    }
}
