using System.Globalization;
using GrainSensors.Core.Time;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Configuration;
using GrainSensors.Ingest.Status;
using Microsoft.Extensions.Options;

namespace GrainSensors.Hosting.Health;

/// <summary>
/// Finds out whether the partitions of this silo can be made durable. A store may answer and take no writes: its disk is full, or
/// it is read-only.
/// </summary>
internal sealed class StalledPartitions(IngestService ingest, IOptions<IngestOptions> options, TimeProvider clock)
{
    /// <summary>Checkpoints that may fail before the silo is not ready. A short outage is over before.</summary>
    private const int Checkpoints = 3;

    /// <summary>The reason why partitions have been stalled for three checkpoints, in one sentence; null: none is.</summary>
    public string? Trouble => Describe(ingest.GetStatus(), options.Value.CheckpointInterval, EpochTime.Now(clock));

    /// <param name="now">µs since the epoch.</param>
    public static string? Describe(IngestStatus status, TimeSpan checkpointInterval, long now)
    {
        var limit = now - EpochTime.From(checkpointInterval * Checkpoints);
        var stalled = status.Partitions.Where(partition => partition.StalledSince <= limit).ToList();
        if (stalled.MinBy(partition => partition.StalledSince) is not { } oldest)
        {
            return null;
        }

        var seconds = (now - oldest.StalledSince!.Value) / EpochTime.MicrosPerSecond;
        var numbers = string.Join(", ", stalled.Select(partition => partition.Name));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"no checkpoint of partition{(stalled.Count == 1 ? "" : "s")} {numbers} for {seconds} s: {oldest.Trouble}");
    }
}
