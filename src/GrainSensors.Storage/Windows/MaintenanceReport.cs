namespace GrainSensors.Storage.Windows;

/// <summary>The result of maintenance.</summary>
/// <param name="Created">Created partitions; empty in SQLite.</param>
/// <param name="Dropped">Partitions dropped with all their rows; empty in SQLite.</param>
/// <param name="DeletedRows">Window rows deleted from partitions that stay.</param>
/// <param name="DeletedCheckpoints">Deleted checkpoints, last written before the retention.</param>
public sealed record MaintenanceReport(
    IReadOnlyList<string> Created, IReadOnlyList<string> Dropped, long DeletedRows, long DeletedCheckpoints)
{
    public static MaintenanceReport Nothing { get; } = new([], [], 0, 0);
}
