using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Consuming;

namespace GrainSensors.Cluster.Tests.Exactness.Simulation;

/// <summary>The log of one partition. Another leader may lack its end, and gives the offsets to other readings.</summary>
internal sealed class SimulatedLog(List<Reading> readings, Func<long, Reading> newReading, Random random, ManyReadings? messages = null)
    : IMessageEpochs
{
    /// <summary>The most messages that a truncation takes away after they were fetched, so that all subsets of them can be tried.</summary>
    private readonly int _mostLost = messages is null ? 6 : 2;

    private readonly List<int> _epochs = [.. readings.Select(_ => 0)];
    private readonly List<long> _ends = [];
    private int _epoch;
    private long _fetched;

    public IReadOnlyList<Reading> Readings => readings;

    /// <summary>Null: each message has one reading.</summary>
    public ManyReadings? Many => messages;

    /// <returns>The readings of the message that begins with a reading.</returns>
    public IEnumerable<Reading> MessageOf(Reading first) => messages is null ? [first] : ManyReadings.Of(first);

    /// <summary>The offset after the last reading that was written so far.</summary>
    public long End => _ends.Count > 0 ? _ends[^1] : readings.Count;

    /// <summary>An end that someone has read a while ago.</summary>
    public long EarlierEnd => _ends[Math.Max(0, _ends.Count - random.Next(1, 4))];

    /// <summary>Readings that were fetched and are no longer in the log. Windows may hold them.</summary>
    public List<Reading> Lost { get; } = [];

    public int EpochOf(long offset) => _epochs[(int)offset];

    /// <summary>From now on the readings are written while the loops run.</summary>
    public void BeginEmpty() => _ends.Add(0);

    /// <summary>Some more readings are written, over about half a minute.</summary>
    public void Grow()
    {
        if (End < readings.Count && random.Next(8) == 0)
        {
            _ends.Add(Math.Min(readings.Count, End + random.Next(4)));
        }
    }

    public Reading Fetch(long offset)
    {
        _fetched = Math.Max(_fetched, offset + 1);
        return readings[(int)offset];
    }

    /// <summary>Another leader takes over. It may lack readings, also such as were fetched, and writes others.</summary>
    public void ChangeLeader()
    {
        _epoch += random.Next(1, 3);
        var most = (int)Math.Min(_fetched, _mostLost - Lost.Count);
        var from = (int)_fetched - random.Next(most + 1);
        Lost.AddRange(readings.Take((int)_fetched).Skip(from));
        var end = readings.Count + random.Next(-2, 3);
        readings.RemoveRange(from, readings.Count - from);
        _epochs.RemoveRange(from, _epochs.Count - from);
        while (readings.Count < end || readings.Count == from)
        {
            readings.Add(newReading(readings.Count));
            _epochs.Add(_epoch);
        }

        _fetched = from;
    }

    (long Offset, int Epoch)? IMessageEpochs.First(long from, long end) =>
        from < Math.Min(end, readings.Count) ? (from, EpochOf(from)) : null;
}
