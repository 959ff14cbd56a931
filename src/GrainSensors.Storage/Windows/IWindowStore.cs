using GrainSensors.Core.Readings;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>
/// The durable store of windows and checkpoints. All methods are thread-safe. A method that writes returns after its rows are on
/// disk.
/// </summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement. A write may or may not have happened.
/// </exception>
public interface IWindowStore : IAsyncDisposable
{
    /// <summary>The name of the store in messages: <c>sqlite:data/grainsensors.db</c>. It holds no secret.</summary>
    string Description { get; }

    /// <summary>
    /// The life of the store when this process last asked: it changes when the store is restored, and when a standby takes over. What
    /// was durable before may be missing then.
    /// </summary>
    Guid Life { get; }

    /// <summary>Asks the store for its life, and sets <see cref="Life"/>.</summary>
    Task<Guid> ReadLifeAsync(CancellationToken cancellationToken);

    /// <summary>Migrates the schema and checks the server settings that durability depends on.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <remarks>Sets <see cref="Life"/>, before it returns, to that of the rows.</remarks>
    /// <returns>The stored windows, in any order; windows that are not stored are left out.</returns>
    Task<IReadOnlyList<StoredWindow>> ReadAsync(IReadOnlyList<WindowId> windows, CancellationToken cancellationToken);

    /// <summary>
    /// Writes windows, each on its own condition: the row does not exist, or has the expected row version, in the same life of the store.
    /// </summary>
    /// <param name="writes">The writes; each window at most once.</param>
    /// <returns>For each write, by index, <see cref="WriteOutcome.Written"/> or <see cref="WriteOutcome.Refused"/>.</returns>
    Task<WriteOutcome[]> WriteAsync(IReadOnlyList<WindowWrite> writes, CancellationToken cancellationToken);

    /// <summary>
    /// Finds the open windows. The search begins at the earliest <see cref="Checkpoint.OpenFrom"/> of all checkpoints, or at the
    /// first window if there is no checkpoint. Earlier windows are closed, or hold only readings that will be read again.
    /// </summary>
    /// <returns>The windows that are provisional or must be announced again, of all sources and periods.</returns>
    Task<IReadOnlyList<OpenWindow>> ReadOpenAsync(CancellationToken cancellationToken);

    Task<Checkpoint?> ReadCheckpointAsync(SourceId source, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a checkpoint in place of one that it names (<see cref="Checkpoint.Replaces"/>), in the life of the store that it names.
    /// </summary>
    /// <returns>False: the store holds another checkpoint or has another <see cref="Life"/>, and nothing has changed.</returns>
    Task<bool> WriteCheckpointAsync(Checkpoint checkpoint, CancellationToken cancellationToken);

    /// <returns>The refusals of the source that no checkpoint has removed, in any order.</returns>
    Task<IReadOnlyList<Refusal>> ReadRefusalsAsync(SourceId source, CancellationToken cancellationToken);

    /// <summary>Stores refusals, unless they are stored, as long as the store holds a checkpoint of the caller.</summary>
    /// <param name="refusals">May be empty: the answer alone counts then.</param>
    /// <param name="tokens">The tokens that the checkpoint of the caller may have.</param>
    /// <param name="life">The life of the store that the caller has its checkpoint from.</param>
    /// <returns>False: the store holds another checkpoint or has another <see cref="Life"/>, and nothing has changed.</returns>
    Task<bool> WriteRefusalsAsync(
        SourceId source, IReadOnlyList<Refusal> refusals, IReadOnlyList<long> tokens, Guid life, CancellationToken cancellationToken);

    /// <returns>A row for each measurement, sorted by sensor, measurement (ordinal) and start.</returns>
    IAsyncEnumerable<WindowRow> QueryAsync(WindowQuery query, CancellationToken cancellationToken);

    /// <summary>Stores the configured period; the view <c>sensor_temperatures</c> shows windows of this period.</summary>
    Task SetPeriodAsync(Period period, CancellationToken cancellationToken);
}
