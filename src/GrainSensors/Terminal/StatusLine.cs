using System.Globalization;
using GrainSensors.Ingest.Status;

namespace GrainSensors.Terminal;

/// <summary>One line about what the pipeline does, with the rate since the last one.</summary>
internal sealed class StatusLine(TimeProvider clock)
{
    private readonly ReadingRate _rate = new(clock);

    public string Next(IngestStatus status, string? producerTrouble)
    {
        var totals = status.Totals;
        var rate = _rate.Next(totals.Readings);
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{clock.GetUtcNow():HH:mm:ss}  {totals.Readings:N0} readings ({rate:N0}/s), lag {status.Lag:N0}, {status.OpenWindows:N0} windows open, {totals.Closed:N0} closed");
        if (totals.Rejected > 0)
        {
            line += string.Create(CultureInfo.InvariantCulture, $", {totals.Rejected:N0} rejected: {totals.Rejects}");
        }

        if (totals.Late > 0)
        {
            line += string.Create(CultureInfo.InvariantCulture, $", {totals.Late:N0} late");
        }

        foreach (var trouble in status.Troubles.Append(producerTrouble).OfType<string>().Distinct())
        {
            line += $" · {trouble}";
        }

        return line;
    }
}
