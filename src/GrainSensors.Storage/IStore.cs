using GrainSensors.Core.Readings;
using GrainSensors.Storage.Access;
using GrainSensors.Storage.Alerts;
using GrainSensors.Storage.Contacts;
using GrainSensors.Storage.Idempotency;
using GrainSensors.Storage.Merging;
using GrainSensors.Storage.Mqtt;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Reconciliation;
using GrainSensors.Storage.Rules;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Versions;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage;

/// <summary>A window store in a database, with a schema to migrate and a retention.</summary>
public interface IStore : IWindowStore
{
    IAlertStore Alerts { get; }

    IMonitorStates MonitorStates { get; }

    ISilenceStore Silences { get; }

    ISensorReports SensorReports { get; }

    ISensorRegistry Sensors { get; }

    ISensorNames Names { get; }

    IMeasurementNames MeasurementNames { get; }

    IMessageVersions MessageVersions { get; }

    IReconciliationStore Reconciliation { get; }

    IMergedWindowStore MergedWindows { get; }

    IBackfillStore Backfill { get; }

    IMqttSlots MqttSlots { get; }

    IIdempotencyKeys IdempotencyKeys { get; }

    ContactStores Contacts { get; }

    IRuleStore Rules { get; }

    AccessStores Access { get; }

    /// <summary>The writes since the store was opened.</summary>
    WriteTotals Written { get; }

    /// <summary>
    /// Pools windows to longer ones inside the database: means are weighted by their readings, and variances are pooled.
    /// </summary>
    /// <returns>The pooled windows, sorted by start and measurement (ordinal); times without windows are left out.</returns>
    Task<IReadOnlyList<PooledWindow>> PoolAsync(PoolQuery query, CancellationToken cancellationToken);

    /// <param name="before">µs since the epoch.</param>
    /// <returns>Those of the sensors that have a window that starts before the time.</returns>
    Task<IReadOnlySet<int>> FindReportedAsync(IReadOnlyCollection<int> sensorIds, long before, CancellationToken cancellationToken);

    /// <summary>
    /// Finds the latest stored reading of each sensor. Readings of the last moments may not be stored yet, and of a forgotten sensor only
    /// a later one counts.
    /// </summary>
    /// <param name="measurements">The names of the measurements.</param>
    /// <returns>At most one reading for each sensor, in any order.</returns>
    Task<IReadOnlyList<LatestReading>> ReadLatestAsync(IReadOnlyList<string> measurements, CancellationToken cancellationToken);

    /// <summary>Lists the steps of <see cref="IWindowStore.PrepareAsync"/> without running them.</summary>
    /// <returns>A sentence for each step; empty if the database is up to date.</returns>
    Task<IReadOnlyList<string>> PlanAsync(CancellationToken cancellationToken);

    /// <summary>Finds out whether this program can use the store.</summary>
    /// <exception cref="WindowStoreUnavailableException">
    /// The store requires a newer program, does not answer, or is a file that does not exist.
    /// </exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Finds out whether the store answers and takes writes, as far as a read can tell.</summary>
    /// <exception cref="WindowStoreUnavailableException">The store does not answer, or is read-only.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Creates the partitions of the coming days and removes rows older than the retention. Every process calls it about once an
    /// hour: one process does the work, and the others return at once.
    /// </summary>
    Task<MaintenanceReport> MaintainAsync(CancellationToken cancellationToken);
}
