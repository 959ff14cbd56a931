using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Reconciliation;

/// <summary>The tables <c>reconciliation_runs</c> and <c>reconciliation_findings</c>, and the one correction that is no write of a row.</summary>
/// <exception cref="WindowStoreUnavailableException">From every method: the store cannot be reached or refused the statement.</exception>
public interface IReconciliationStore
{
    /// <summary>Keeps the run as it stands now: at its beginning, and at its end.</summary>
    Task WriteRunAsync(ReconciliationRun run, CancellationToken cancellationToken);

    /// <param name="first">The position of the first of them among the run's findings; the others follow.</param>
    Task WriteFindingsAsync(Guid runId, long first, IReadOnlyList<ReconciliationFinding> findings, CancellationToken cancellationToken);

    /// <summary>Removes rows that hold nothing the log knows of, each only as long as it still has the expected token.</summary>
    /// <returns>For each row, by index, whether it was removed.</returns>
    Task<bool[]> RemoveAsync(IReadOnlyList<WindowRemoval> rows, CancellationToken cancellationToken);
}

/// <summary>A row to remove, and the token that it must hold.</summary>
public readonly record struct WindowRemoval(WindowKey Key, long ExpectedVersion);
