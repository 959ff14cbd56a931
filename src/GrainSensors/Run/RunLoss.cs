using System.Globalization;
using GrainSensors.Ingest;
using GrainSensors.Ingest.Checkpoints;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;
using GrainSensors.Terminal;

namespace GrainSensors.Run;

/// <summary>What is lost when a run ends: the embedded broker forgets what is not in the store.</summary>
internal static class RunLoss
{
    /// <param name="ingest">Stopped.</param>
    /// <param name="troubles">Why partitions were stalled at the end, in sentences.</param>
    /// <returns>Sentences; null: every reading is in the store.</returns>
    public static async Task<string?> FindAsync(
        UnwrittenMessages unwritten, IngestService ingest, IStore store, IReadOnlyList<string> troubles)
    {
        try
        {
            await store.ProbeAsync(CancellationToken.None);
            var count = await unwritten.CountAsync(CancellationToken.None);
            return Describe(count, ingest.GetStatus().Totals.Missed, store.Description, troubles);
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or KafkaUnavailableException)
        {
            return $"The last readings could not be written to {store.Description} and are lost with the embedded broker. {e.Message}";
        }
    }

    /// <param name="unwritten">Messages without a checkpoint.</param>
    /// <param name="missed">Messages that the broker dropped before they were read.</param>
    public static string? Describe(long unwritten, long missed, string store, IReadOnlyList<string> troubles)
    {
        var losses = new List<string>();
        if (unwritten > 0)
        {
            losses.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"The last {unwritten:N0} readings could not be written to {store} and are lost with the embedded broker."));
            losses.AddRange(troubles);
        }

        if (missed > 0)
        {
            losses.Add($"The embedded broker dropped {Plural.Of(missed, "reading")} before the silo read them.");
        }

        return losses.Count > 0 ? string.Join(' ', losses) : null;
    }
}
