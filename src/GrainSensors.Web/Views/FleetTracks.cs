using GrainSensors.Core.Readings;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Web.Views;

/// <summary>The tracked sensors. One caller changes them, while pages read trends.</summary>
/// <param name="most">The most sensors, but for those that are needed.</param>
/// <param name="measurements">The number of declared measurements.</param>
/// <param name="primary">The index of the primary measurement; −1: none.</param>
internal sealed class FleetTracks(int most, int measurements, int primary)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, SensorTrack> _tracks = [];

    /// <summary>Whether a sensor was left out since the entries were cleared.</summary>
    public bool IsFull { get; private set; }

    public SensorTrack[] All
    {
        get
        {
            lock (_gate)
            {
                return [.. _tracks.Values];
            }
        }
    }

    public float[] TrendOf(int sensorId, int measurement)
    {
        lock (_gate)
        {
            return _tracks.TryGetValue(sensorId, out var track) ? track.Trend(measurement) : [];
        }
    }

    /// <param name="isNeeded">Whether to track the sensor in a full fleet, too.</param>
    /// <returns>Null: the fleet is full.</returns>
    public SensorTrack? Of(int sensorId, bool isNeeded = false)
    {
        lock (_gate)
        {
            if (!_tracks.TryGetValue(sensorId, out var track) && (isNeeded || _tracks.Count < most))
            {
                _tracks.Add(sensorId, track = new(sensorId, measurements, primary));
            }

            IsFull |= track is null;
            return track;
        }
    }

    /// <inheritdoc cref="SensorTrack.Take"/>
    public void Take(
        int sensorId, long at, ReadOnlySpan<double> values, int? partition, bool hasOthers = false,
        IReadOnlyList<NamedValue>? others = null, string? sourceTopic = null)
    {
        lock (_gate)
        {
            Of(sensorId)?.Take(at, values, partition, hasOthers, others, sourceTopic);
        }
    }

    /// <returns>False: the fleet is full.</returns>
    public bool TryTake(RegisteredSensor entry)
    {
        if (Of(entry.SensorId) is not { } track)
        {
            return false;
        }

        (track.Entry, track.Name) = (entry, entry.Name);
        return true;
    }

    public void ClearEntries()
    {
        Array.ForEach(All, track => track.Entry = null);
        IsFull = false;
    }

    public void Remove(IEnumerable<SensorTrack> tracks)
    {
        lock (_gate)
        {
            foreach (var track in tracks)
            {
                _tracks.Remove(track.SensorId);
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _tracks.Clear();
            IsFull = false;
        }
    }
}
