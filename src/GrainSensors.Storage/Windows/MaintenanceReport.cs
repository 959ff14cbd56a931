namespace GrainSensors.Storage.Windows;

/// <summary>What maintenance did.</summary>
/// <param name="Created">Partitions that were created; empty in SQLite.</param>
/// <param name="Dropped">Partitions that were dropped, each with all its rows; empty in SQLite.</param>
/// <param name="DeletedRows">Window rows that were deleted one by one.</param>
/// <param name="DeletedCheckpoints">Checkpoints of sources that nobody has written for longer than the retention.</param>
public sealed record MaintenanceReport(
    IReadOnlyList<string> Created, IReadOnlyList<string> Dropped, long DeletedRows, long DeletedCheckpoints)
{
    public static MaintenanceReport Nothing { get; } = new([], [], 0, 0);
}
