using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Status;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Terminal;

/// <summary>All data of the live table at one moment.</summary>
/// <param name="Where">Addresses of console, store and Kafka.</param>
/// <param name="Measurements">Names of the measurements shown. The windows are those of the first one.</param>
/// <param name="Rate">Readings per second.</param>
/// <param name="CheckpointAge">Time since the last checkpoint; null: there is none yet.</param>
/// <param name="Problems">Current problems, one sentence each.</param>
/// <param name="Log">Recent log entries, the latest last.</param>
/// <param name="Counts">Counts of all sensors, including those without a row.</param>
/// <param name="Rows">The sensors to show, the most important first. The table ignores rows that do not fit.</param>
internal sealed record LiveSnapshot(
    DateTimeOffset Now,
    string Where,
    IReadOnlyList<string> Measurements,
    IngestTotals Totals,
    long Lag,
    long OpenWindows,
    double Rate,
    TimeSpan? CheckpointAge,
    IReadOnlyList<string> Problems,
    IReadOnlyList<LogEntry> Log,
    SensorCounts Counts,
    IReadOnlyList<SensorRow> Rows);

/// <summary>The number of sensors, and of those with a problem.</summary>
internal sealed record SensorCounts(int Total, int Disconnected, int Silent);

/// <summary>The state of a sensor.</summary>
/// <param name="Values">The last values, in the order of the measurements; NaN: no value.</param>
/// <param name="Age">Age of the last reading; null: there is none.</param>
/// <param name="Window">The window of the last reading; null: it is not stored yet.</param>
internal sealed record SensorRow(SensorRef Sensor, SensorState State, IReadOnlyList<double> Values, TimeSpan? Age, WindowSoFar? Window);

/// <summary>A window of the first measurement, as of the last checkpoint.</summary>
internal sealed record WindowSoFar(DateTime Start, DateTime End, long Count, double Mean, double Min, double Max);

internal enum SensorState
{
    Ok,

    /// <summary>The sensor has not reported yet, and its first reading is not overdue.</summary>
    Waiting,

    /// <summary>The last reading has no value of the primary measurement.</summary>
    Disconnected,

    /// <summary>The next reading is overdue.</summary>
    Silent,
}

/// <summary>An entry of the log.</summary>
internal sealed record LogEntry(DateTimeOffset At, LogLevel Level, string Text);
