using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage;

/// <summary>A window store that lives in a database: it has a schema to bring up to date and days to keep.</summary>
public interface IStore : IWindowStore
{
    IAlertStore Alerts { get; }

    ISilenceStore Silences { get; }

    ISensorReports SensorReports { get; }

    ISensorRegistry Sensors { get; }

    IReconciliationStore Reconciliation { get; }

    /// <summary>What was written since the store was opened.</summary>
    WriteTotals Written { get; }

    /// <summary>Pools windows where they are: means are weighted by their readings, spreads are pooled.</summary>
    /// <returns>By start and metric (ordinal); nothing for times without windows.</returns>
    Task<IReadOnlyList<PooledWindow>> PoolAsync(PoolQuery query, CancellationToken cancellationToken);

    /// <summary>What <see cref="IWindowStore.PrepareAsync"/> would do now; changes nothing.</summary>
    /// <returns>A sentence for each step; nothing when the database is up to date.</returns>
    Task<IReadOnlyList<string>> PlanAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes room for the days to come and removes what is older than the retention. To be called every hour or so, by
    /// every process: one of them does the work, the others find it taken.
    /// </summary>
    Task<MaintenanceReport> MaintainAsync(CancellationToken cancellationToken);
}
