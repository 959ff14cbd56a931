using GrainSensors.Core.Merging;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;
using Microsoft.Data.Sqlite;

namespace GrainSensors.Storage.Sqlite;

/// <summary>Makes longer windows stale in the transaction that writes their panes.</summary>
internal sealed class SqliteStaleWindows(SqliteConnection connection, LongerPeriods longer, TimeProvider clock) : IDisposable
{
    // A row that was made of other panes stays as it is.
    private const string Upsert =
        """
        INSERT INTO merged_windows AS m (
            sensor_id, period, window_start, window_end, pane, statistics, token, revision, is_final, is_stale, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, '{}', ?6, 0, 0, 1, ?7)
        ON CONFLICT DO UPDATE SET token = excluded.token, is_stale = 1, updated_at = excluded.updated_at WHERE m.pane = excluded.pane
        """;

    private readonly Lazy<SqliteStatement> _upsert = new(() => new(connection, Upsert));

    /// <summary>Makes the longer windows over a pane stale that is removed.</summary>
    public void Remove(WindowId pane) => Mark(longer.Over(pane));

    /// <summary>Makes the longer windows over a final pane stale that is written.</summary>
    public void Write(StoredWindow pane) => Mark(longer.StaleAfter(pane));

    public void Dispose()
    {
        if (_upsert.IsValueCreated)
        {
            _upsert.Value.Dispose();
        }
    }

    private void Mark(IEnumerable<MergedWindowId> windows)
    {
        foreach (var window in windows)
        {
            var statement = _upsert.Value;
            statement.Bind(1, (long)window.SensorId);
            statement.Bind(2, window.Period.ToString());
            statement.Bind(3, window.Start);
            statement.Bind(4, window.End);
            statement.Bind(5, StoredPeriod.Text(longer.Pane));
            statement.Bind(6, Random.Shared.NextInt64());
            statement.Bind(7, EpochTime.Now(clock));
            statement.Execute();
        }
    }
}
