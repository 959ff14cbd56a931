using GrainSensors.Ingest.Status;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Terminal;

/// <summary>All that the live table shows, at one moment.</summary>
/// <param name="Where">Where things are: the Kafka, the windows.</param>
/// <param name="Metrics">Names of the measurements that are shown, the one whose windows are shown first.</param>
/// <param name="Rate">Readings a second.</param>
/// <param name="CheckpointAge">Since the last checkpoint; null: there was none yet.</param>
/// <param name="Troubles">What is wrong, a sentence each.</param>
/// <param name="Log">What was logged lately, the latest last.</param>
/// <param name="Counts">Of all sensors, also of those that are not among the rows.</param>
/// <param name="Rows">The sensors to show, the most important first; more than fit do no harm.</param>
internal sealed record LiveSnapshot(
    DateTimeOffset Now,
    string Where,
    IReadOnlyList<string> Metrics,
    IngestTotals Totals,
    long Lag,
    long OpenWindows,
    double Rate,
    TimeSpan? CheckpointAge,
    IReadOnlyList<string> Troubles,
    IReadOnlyList<LogEntry> Log,
    SensorCounts Counts,
    IReadOnlyList<SensorRow> Rows);

/// <summary>How many sensors there are, and how many of them are in which trouble.</summary>
internal sealed record SensorCounts(int Total, int Disconnected, int Silent);

/// <summary>A sensor as it stands.</summary>
/// <param name="Values">The last ones, in the order of the metrics; NaN: none.</param>
/// <param name="Age">Of the last reading; null: there was none.</param>
/// <param name="Window">The window that the last reading fell into; null: not known yet.</param>
internal sealed record SensorRow(int SensorId, SensorState State, IReadOnlyList<double> Values, TimeSpan? Age, WindowSoFar? Window);

/// <summary>A window of the first metric until now.</summary>
internal sealed record WindowSoFar(DateTime Start, DateTime End, long Count, double Mean, double Min, double Max);

internal enum SensorState
{
    Ok,

    /// <summary>Has not reported yet, and need not have.</summary>
    Waiting,

    /// <summary>The last reading has no value of the first metric.</summary>
    Disconnected,

    /// <summary>No reading for some time.</summary>
    Silent,
}

/// <summary>A line of the log.</summary>
internal sealed record LogEntry(DateTimeOffset At, LogLevel Level, string Text);
