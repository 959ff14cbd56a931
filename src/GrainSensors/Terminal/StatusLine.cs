using System.Globalization;
using GrainSensors.Ingest.Status;

namespace GrainSensors.Terminal;

/// <summary>Formats the state of the pipeline as one line, with the rate since the previous line.</summary>
internal sealed class StatusLine(TimeProvider clock)
{
    private readonly ReadingRate _rate = new(clock);

    public string Next(IngestStatus status, string? producerProblem)
    {
        var culture = CultureInfo.InvariantCulture;
        var totals = status.Totals;
        var rate = _rate.Next(totals.Readings);
        var time = string.Create(culture, $"{clock.GetUtcNow():HH:mm:ss}");
        var line = string.Create(culture, $"{time}  {Plural.Of(totals.Readings, "reading")} ({rate:N0}/s), lag {status.Lag:N0}")
            + string.Create(culture, $", {Plural.Of(status.OpenWindows, "window")} open, {totals.Closed:N0} closed");
        if (totals.Rejected > 0)
        {
            line += string.Create(culture, $", {totals.Rejected:N0} rejected: {totals.Rejects}");
        }

        if (totals.Late > 0)
        {
            line += string.Create(culture, $", {totals.Late:N0} late");
        }

        foreach (var problem in status.Troubles.Append(producerProblem).OfType<string>().Distinct())
        {
            line += $" · {problem}";
        }

        return line;
    }
}
