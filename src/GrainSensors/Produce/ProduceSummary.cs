using System.Globalization;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Produce;

/// <summary>What was produced.</summary>
/// <param name="NotAcknowledged">Readings that Kafka refused, or did not acknowledge by the end.</param>
/// <param name="Failure">Why the last one was refused.</param>
internal sealed record ProduceSummary(
    string Kafka, string Topic, int Sensors, long Readings, long Acknowledged, long NotAcknowledged, double Seconds, string? Failure)
{
    public double ReadingsPerSecond => Seconds > 0 ? Acknowledged / Seconds : 0;

    public string ToJson() => JsonOutput.Of(this);

    public string ToText()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Readings:N0} readings of {Sensors:N0} sensor{(Sensors == 1 ? "" : "s")} to {Topic} at {Kafka} in {Seconds:0.0} s: {ReadingsPerSecond:N0} readings/s, {NotAcknowledged:N0} not acknowledged");
        return Failure is null ? text : $"{text} ({Failure})";
    }
}
