namespace GrainSensors.Replay;

/// <summary>What was produced of a recording.</summary>
internal sealed class Recording
{
    /// <summary>Rejected lines are told one by one up to this, and then counted.</summary>
    private const int MaxRejections = 20;

    public long Readings { get; private set; }

    public long Rejected { get; private set; }

    public HashSet<int> SensorIds { get; } = [];

    /// <summary>Of the earliest reading, µs since the epoch; <see cref="long.MaxValue"/>: there is none.</summary>
    public long FirstTimestamp { get; private set; } = long.MaxValue;

    /// <summary>Of the latest reading, µs since the epoch.</summary>
    public long LastTimestamp { get; private set; } = long.MinValue;

    /// <summary>The first rejected lines.</summary>
    public List<Rejection> Rejections { get; } = [];

    /// <summary>A line that is no reading.</summary>
    public sealed record Rejection(long Line, string Reason);

    /// <summary>Of a recording that tells which readings belong to an event, all of them.</summary>
    public List<LabelScore.Labelled> Labels { get; } = [];

    public void Add(int sensorId, long timestamp)
    {
        Readings++;
        SensorIds.Add(sensorId);
        FirstTimestamp = Math.Min(FirstTimestamp, timestamp);
        LastTimestamp = Math.Max(LastTimestamp, timestamp);
    }

    public void Reject(long line, string reason)
    {
        Rejected++;
        if (Rejections.Count < MaxRejections)
        {
            Rejections.Add(new(line, reason));
        }
    }
}
