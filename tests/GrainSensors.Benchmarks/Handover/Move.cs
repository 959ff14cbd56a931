namespace GrainSensors.Benchmarks.Handover;

/// <summary>How partitions moved from one silo to another. Seconds, the longest one of all partitions.</summary>
/// <param name="Reaction">Until the owner began to drain, from the order to go; 0 where there was none.</param>
/// <param name="HandOver">On the old owner: drain, flush, checkpoint, release.</param>
/// <param name="Ownerless">Until the new owner had them, in the hands of Kafka.</param>
/// <param name="FirstReadings">On the new owner, from the assignment.</param>
/// <param name="Active">Until the window grains of all sensors were active there, from the assignment.</param>
/// <param name="CaughtUp">Until what had waited was durable, from the assignment.</param>
/// <param name="ActivationsPerSecond">From the first readings on.</param>
/// <param name="Pause">The longest time from Kafka's acknowledgement to a durable row.</param>
/// <param name="Stalls">Calls or writes that failed and were repeated.</param>
internal sealed record Move(
    string Silo,
    int Partitions,
    int Released,
    double Reaction,
    double HandOver,
    double Ownerless,
    double FirstReadings,
    double Active,
    double CaughtUp,
    int Activated,
    double ActivationsPerSecond,
    double Pause,
    int Rewinds,
    int Stalls)
{
    /// <summary>Whether everything that was handed over has been taken over.</summary>
    public static bool IsComplete(SiloLog giver, SiloLog taker)
    {
        var moved = giver.HandedOver().SelectMany(handOver => handOver.Partitions).ToHashSet();
        return moved.Count > 0 && moved.IsSubsetOf(taker.TakenOver().Select(takeOver => takeOver.Partition));
    }

    public static Move Of(string silo, DateTime ordered, SiloLog giver, SiloLog taker, TimeSpan pause)
    {
        var given = giver.HandedOver().ToList();
        var taken = taker.TakenOver().ToList();
        var released = given.SelectMany(handOver => handOver.Partitions.Select(partition => (Partition: partition, handOver.At)))
            .GroupBy(release => release.Partition).ToDictionary(releases => releases.Key, releases => releases.Max(release => release.At));
        var activated = taken.Sum(takeOver => takeOver.Grains);
        var activation = taken.Max(takeOver => takeOver.Assigned + takeOver.Active)
            - taken.Min(takeOver => takeOver.Assigned + takeOver.First);
        return new(
            silo,
            released.Count,
            given.Sum(handOver => handOver.Grains),
            silo == "leaves" ? (given.Min(handOver => handOver.At - handOver.Took) - ordered).TotalSeconds : 0,
            given.Max(handOver => handOver.Took).TotalSeconds,
            taken.Where(takeOver => released.ContainsKey(takeOver.Partition))
                .Max(takeOver => takeOver.Assigned - released[takeOver.Partition]).TotalSeconds,
            taken.Max(takeOver => takeOver.First).TotalSeconds,
            taken.Max(takeOver => takeOver.Active).TotalSeconds,
            taken.Max(takeOver => takeOver.CaughtUp).TotalSeconds,
            activated,
            activated / Math.Max(0.001, activation.TotalSeconds),
            pause.TotalSeconds,
            giver.Rewinds() + taker.Rewinds(),
            giver.Stalls() + taker.Stalls());
    }
}
