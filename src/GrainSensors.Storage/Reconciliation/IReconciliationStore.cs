using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Reconciliation;

/// <summary>The tables <c>reconciliation_runs</c> and <c>reconciliation_findings</c>, and the removal of windows.</summary>
/// <exception cref="WindowStoreUnavailableException">
/// Thrown by every method if the store cannot be reached or refuses the statement.
/// </exception>
public interface IReconciliationStore
{
    /// <summary>Stores a run at its beginning. Runs whose process ended without storing their end are stored as killed.</summary>
    /// <returns>Dispose it after the end of the run is stored: until then the run counts as active.</returns>
    Task<IAsyncDisposable> BeginRunAsync(ReconciliationRun run, CancellationToken cancellationToken);

    /// <summary>Stores the end of a run.</summary>
    Task EndRunAsync(ReconciliationRun run, CancellationToken cancellationToken);

    /// <param name="runId">The run.</param>
    /// <param name="first">The position of the first finding within the run; the others follow.</param>
    /// <param name="findings">The findings to store.</param>
    Task WriteFindingsAsync(Guid runId, long first, IReadOnlyList<ReconciliationFinding> findings, CancellationToken cancellationToken);

    /// <summary>Removes windows without a reading in the log, each on the condition that it has the expected row version.</summary>
    /// <returns>True for each removed window, by index.</returns>
    Task<bool[]> RemoveAsync(IReadOnlyList<WindowRemoval> windows, CancellationToken cancellationToken);
}

/// <summary>A window to remove, and the row version that it must have.</summary>
public readonly record struct WindowRemoval(WindowId Window, long ExpectedVersion);
