using System.Globalization;
using System.Text;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Replay;

/// <summary>How a replay came out.</summary>
/// <param name="Readings">Produced, and, unless only produced, in windows.</param>
/// <param name="Rejected">Lines that are no readings, and messages that the pipeline refused.</param>
/// <param name="Late">Readings that came after their window's close was due.</param>
/// <param name="Windows">Windows that hold readings of the recording; null: only produced.</param>
/// <param name="Rows">Their rows, one for each metric.</param>
/// <param name="Alerts">How often something was raised or reopened; null: nobody watched.</param>
/// <param name="Score">Of a recording that tells which readings belong to an event.</param>
/// <param name="DeadLetters">Messages that the pipeline refused, by reason.</param>
/// <param name="Seconds">From the first reading produced to the last window final and durable.</param>
internal sealed record ReplaySummary(
    string File,
    long Readings,
    int Sensors,
    long Rejected,
    long? Late,
    long? Windows,
    long? Rows,
    double Seconds,
    string Kafka,
    string? Store,
    string? Output,
    int? Alerts,
    LabelScore? Score,
    IReadOnlyList<Recording.Rejection> Rejections,
    IReadOnlyDictionary<string, long> DeadLetters)
{
    public double ReadingsPerSecond => Seconds > 0 ? Readings / Seconds : 0;

    public string ToJson() => JsonOutput.Of(this);

    public string ToText()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"{File}: {Count(Readings, "reading")} of {Count(Sensors, "sensor")}, {Rejected:N0} rejected");
        if (Windows is null)
        {
            text.Append(culture, $"\nproduced to {Kafka} in {Seconds:0.00} s: {ReadingsPerSecond:N0} readings/s");
            return text.ToString();
        }

        text.Append(culture, $", {Late:N0} late");
        if (DeadLetters.Count > 0)
        {
            text.Append(culture, $"\ndead letters: {string.Join(", ", DeadLetters.Select(reason => string.Create(culture, $"{reason.Value:N0} {reason.Key}")))}");
        }

        text.Append(culture, $"\n{Count(Windows.Value, "window")} in {Count(Rows ?? 0, "row")}, all final, in {Store ?? "a store that is gone now; give --store to keep them"}");
        if (Output is not null)
        {
            text.Append(culture, $"\nwritten to {Output}");
        }

        if (Alerts is { } alerts)
        {
            text.Append(culture, $"\n{Count(alerts, "alert")}");
        }

        if (Score is not null)
        {
            text.Append(culture, $"\n{Score.ToText()}");
        }

        text.Append(culture, $"\n{Seconds:0.00} s from the first reading produced to the last window final: {ReadingsPerSecond:N0} readings/s");
        return text.ToString();
    }

    private static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
