using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>
/// Where windows and checkpoints are durable. Every method may be called from several threads at once; none
/// returns before what it wrote is on disk.
/// </summary>
/// <exception cref="WindowStoreUnavailableException">From every method: the store cannot be reached or refused the statement; whether a write happened is unknown.</exception>
public interface IWindowStore : IAsyncDisposable
{
    /// <summary>What the store is, for people and logs: <c>sqlite:data/grainsensors.db</c>. Holds no secret.</summary>
    string Description { get; }

    /// <summary>Brings the schema up to date and checks the settings that durability depends on.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <returns>The rows of all metrics of the windows, in no particular order; nothing for windows without rows.</returns>
    Task<IReadOnlyList<WindowRow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken);

    /// <summary>Writes rows, each on its own condition: that the row does not exist, or holds the expected token.</summary>
    /// <param name="writes">No key twice.</param>
    /// <returns>For each write, by index, whether its condition held and it is durable, or it was refused.</returns>
    Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken);

    /// <summary>
    /// Looks from the least <see cref="Checkpoint.OpenFrom"/> of all checkpoints on, everywhere if there is no checkpoint:
    /// windows before it are closed, or hold only readings that their source's new owner reads again.
    /// </summary>
    /// <returns>The windows with a row that is not final, of all sources and whatever their period.</returns>
    Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken);

    Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken);

    /// <summary>Stores the checkpoint; one that is lower than what is there changes nothing.</summary>
    Task WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken);

    /// <returns>Rows sorted by sensor, metric and start (ordinal).</returns>
    IAsyncEnumerable<WindowRow> QueryAsync(WindowQuery query, CancellationToken cancellationToken);

    /// <summary>Records the configured period, which the view <c>sensor_temperatures</c> shows.</summary>
    Task SetPeriodAsync(Period period, CancellationToken cancellationToken);
}
