using System.Globalization;
using System.Text;
using GrainSensors.Terminal;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Replay;

/// <summary>The result of a replay.</summary>
/// <param name="Readings">Number of readings produced.</param>
/// <param name="Rejected">Invalid lines, and messages that the pipeline rejected.</param>
/// <param name="Late">Readings that arrived after the close of their window was due.</param>
/// <param name="Windows">Windows with readings of the recording; null: the readings were only produced.</param>
/// <param name="Rows">Rows of these windows, one for each measurement.</param>
/// <param name="Seconds">Time from the first reading produced to the last window stored as final.</param>
/// <param name="Store">Where the windows are; null: the store was temporary.</param>
/// <param name="Alerts">Number of times an alert was raised or reopened; null: the alert rules were off.</param>
/// <param name="Score">Quality of the detection, if the recording has labels.</param>
/// <param name="DeadLetters">Messages that the pipeline rejected, by reason.</param>
/// <param name="Notes">What was assumed about the recording.</param>
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
    IReadOnlyDictionary<string, long> DeadLetters,
    IReadOnlyList<string> Notes)
{
    public double ReadingsPerSecond => Seconds > 0 ? Readings / Seconds : 0;

    public string ToJson() => JsonOutput.Of(this);

    public string ToText()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"{File}: {Plural.Of(Readings, "reading")} of {Plural.Of(Sensors, "sensor")}, {Rejected:N0} rejected");
        if (Windows is null)
        {
            AppendNotes(text);
            text.Append(culture, $"\nproduced to {Kafka} in {Seconds:0.00} s: {ReadingsPerSecond:N0} readings/s");
            return text.ToString();
        }

        text.Append(culture, $", {Late:N0} late");
        AppendNotes(text);
        if (DeadLetters.Count > 0)
        {
            var reasons = DeadLetters.Select(reason => string.Create(culture, $"{reason.Value:N0} {reason.Key}"));
            text.Append(culture, $"\ndead letters: {string.Join(", ", reasons)}");
        }

        var store = Store ?? "a temporary store (deleted); use --store to keep them";
        text.Append(culture, $"\n{Plural.Of(Windows.Value, "window")} in {Plural.Of(Rows ?? 0, "row")}, all final, in {store}");
        if (Output is not null)
        {
            text.Append(culture, $"\nwritten to {Output}");
        }

        if (Alerts is { } alerts)
        {
            text.Append(culture, $"\n{Plural.Of(alerts, "alert")}");
        }

        if (Score is not null)
        {
            text.Append(culture, $"\n{Score.ToText()}");
        }

        text.Append(culture, $"\n{Seconds:0.00} s from the first reading to the last final window: {ReadingsPerSecond:N0} readings/s");
        return text.ToString();
    }

    private void AppendNotes(StringBuilder text)
    {
        foreach (var note in Notes)
        {
            text.Append('\n').Append(note);
        }
    }
}
