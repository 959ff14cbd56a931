using GrainSensors.Core.Readings;

namespace GrainSensors.Replay;

/// <summary>Counts what a replay has read from its recording.</summary>
internal sealed class Recording
{
    /// <summary>The summary lists this many rejected lines and counts the rest.</summary>
    private const int MaxRejections = 20;

    public long Readings { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>The sensors by id, or by the number that the recording gives a name.</summary>
    public Dictionary<int, SensorRef> Sensors { get; } = [];

    /// <summary>Time of the earliest reading, µs since the epoch; <see cref="long.MaxValue"/> without readings.</summary>
    public long FirstTimestamp { get; private set; } = long.MaxValue;

    /// <summary>Time of the latest reading, µs since the epoch.</summary>
    public long LastTimestamp { get; private set; } = long.MinValue;

    /// <summary>The first rejected lines.</summary>
    public List<Rejection> Rejections { get; } = [];

    /// <summary>An invalid line of the recording, with the reason.</summary>
    public sealed record Rejection(long Line, string Reason);

    /// <summary>All readings of a recording that has labels.</summary>
    public List<LabelScore.Labelled> Labels { get; } = [];

    public void Add(SensorRef sensor, long timestamp)
    {
        Readings++;
        Sensors.TryAdd(sensor.Id, sensor);
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
