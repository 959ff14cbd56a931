using GrainSensors.Contracts.Cluster;
using GrainSensors.Core.Time;

namespace GrainSensors.Web.Views;

/// <summary>
/// The stream times of the partitions while the fleet is watched. Conditions follow them, as the alerts of the monitors do: stream time
/// stands still while readings cannot be read or written, so that no outage of Kafka or the store makes a sensor silent.
/// </summary>
internal sealed class StreamClocks
{
    private readonly Dictionary<(string? Topic, int Partition), long> _times = [];
    private long? _at;

    /// <summary>The time for which all partitions were watched and moved on, µs.</summary>
    public long Watched { get; private set; }

    /// <param name="at">The time of the reports, µs since the epoch.</param>
    /// <param name="partitions">The reports of all owners.</param>
    public void Take(long at, IReadOnlyCollection<PartitionReport> partitions)
    {
        if (at <= _at)
        {
            return;
        }

        var haveMoved = partitions.Count > 0;
        foreach (var partition in partitions)
        {
            var key = (partition.SourceTopic, partition.Partition);
            var known = _times.GetValueOrDefault(key, EpochTime.Min);
            var time = partition.StreamTime is { } now ? EpochTime.From(new DateTimeOffset(now)) : known;

            // A partition without readings has no stream time yet, and holds up nothing.
            haveMoved &= partition.IsReady && (time > known || time == EpochTime.Min);
            _times[key] = Math.Max(known, time);
        }

        Watched += haveMoved && _times.Count == partitions.Count ? at - (_at ?? at) : 0;
        _at = at;
    }

    /// <param name="sourceTopic">Null: the topic of readings.</param>
    /// <returns>The stream time of a partition, µs since the epoch; <see cref="EpochTime.Min"/>: unknown.</returns>
    public long Of(int partition, string? sourceTopic = null) => _times.GetValueOrDefault((sourceTopic, partition), EpochTime.Min);
}
