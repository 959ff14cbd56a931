using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Web.Views;

/// <summary>A sensor while the fleet is watched: its latest reading and its values of the last minute.</summary>
/// <param name="measurements">The number of declared measurements.</param>
/// <param name="primary">The index of the primary measurement; −1: none.</param>
internal sealed class SensorTrack(int sensorId, int measurements, int primary)
{
    /// <summary>The most measurements of a sensor that are not declared.</summary>
    public const int MaxOthers = 64;

    /// <summary>Number of values in a trend, one for each read of the fleet.</summary>
    public const int TrendLength = 60;

    /// <summary>The values of the last minute of the measurements that had one.</summary>
    private readonly List<(int Measurement, float[] Values)> _trends = [];
    private int _count;

    /// <summary>Whether a reading had a value of the primary measurement while the fleet was watched.</summary>
    private bool _hasPrimary;

    /// <summary>Whether the latest reading has a value of a measurement that is not declared.</summary>
    private bool _hasOthers;

    public int SensorId => sensorId;

    /// <summary>The name of the sensor; null: it has an id, or the name is not known yet.</summary>
    public string? Name { get; set; }

    /// <summary>Event time of the latest reading, µs since the epoch; null: no reading yet.</summary>
    public long? LastAt { get; private set; }

    /// <summary>The partition of the latest reading; null: no reading yet, or its silo does not report it.</summary>
    public int? Partition { get; private set; }

    /// <summary>The topic of the latest reading, if it is that of a source; null: the topic of readings, or it is not known.</summary>
    public string? SourceTopic { get; private set; }

    /// <summary>Whether the latest reading comes from the store.</summary>
    public bool IsStored { get; private set; }

    /// <summary>
    /// Values of the latest reading by measurement; NaN: no value. A new reading replaces the array, so callers may keep it.
    /// </summary>
    public double[] Values { get; private set; } = Enumerable.Repeat(double.NaN, measurements).ToArray();

    /// <summary>
    /// The last values of measurements that are not declared, by name: also those of readings before the latest one, because devices may
    /// send their measurements in several messages. A new reading replaces the array, so callers may keep it.
    /// </summary>
    public NamedValue[] Others { get; private set; } = [];

    /// <summary>
    /// Whether the latest reading has no value, or has lost that of the primary measurement, as the monitor judges it. A sensor that never
    /// had one may measure something else.
    /// </summary>
    public bool LacksValue => LacksPrimary && (_hasPrimary || !(_hasOthers || Array.Exists(Values, double.IsFinite)));

    /// <summary>Whether the latest reading has no value of the primary measurement.</summary>
    public bool LacksPrimary => primary < 0 || double.IsNaN(Values[primary]);

    /// <summary>The entry of the registry when it was last read; null: the sensor was not registered.</summary>
    public RegisteredSensor? Entry { get; set; }

    /// <summary>Takes a stored reading, which is not in the trend.</summary>
    /// <param name="at">Event time, µs since the epoch; a reading that is not newer than the latest one is ignored.</param>
    /// <returns>Whether it is newer.</returns>
    /// <param name="hasOthers">Whether the reading has values of other measurements. A stored one without declared values has them.</param>
    public bool TakeStored(
        long at, ReadOnlySpan<double> values, int? partition, bool hasOthers = true, IReadOnlyList<NamedValue>? others = null,
        string? sourceTopic = null)
    {
        if (at <= LastAt)
        {
            return false;
        }

        (LastAt, Partition, SourceTopic, IsStored) = (at, partition, sourceTopic, true);
        Values = values.ToArray();
        _hasOthers = hasOthers;
        Others = others is null or [] ? Others : Merge(Others, others);
        _hasPrimary |= !LacksPrimary;
        return true;
    }

    /// <inheritdoc cref="TakeStored"/>
    /// <summary>Takes a reading that a silo has just read.</summary>
    public void Take(
        long at, ReadOnlySpan<double> values, int? partition, bool hasOthers = false, IReadOnlyList<NamedValue>? others = null,
        string? sourceTopic = null)
    {
        if (!TakeStored(at, values, partition, hasOthers, others, sourceTopic))
        {
            return;
        }

        IsStored = false;
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i]) && TrendOf(i) is null)
            {
                _trends.Add((i, [.. Enumerable.Repeat(float.NaN, TrendLength)]));
            }
        }

        foreach (var (measurement, trend) in _trends)
        {
            trend[_count % TrendLength] = (float)values[measurement];
        }

        _count++;
    }

    /// <returns>The last values of a measurement, the latest last; NaN: no value.</returns>
    public float[] Trend(int measurement)
    {
        var length = Math.Min(_count, TrendLength);
        var trend = new float[length];
        var values = TrendOf(measurement);
        for (var i = 0; i < length; i++)
        {
            trend[i] = values?[(_count - length + i) % TrendLength] ?? float.NaN;
        }

        return trend;
    }

    /// <returns>The new values and those of further measurements, by name.</returns>
    private static NamedValue[] Merge(NamedValue[] known, IReadOnlyList<NamedValue> values)
    {
        var merged = new List<NamedValue>(values);
        foreach (var value in known)
        {
            if (merged.Count < MaxOthers && !merged.Exists(one => one.Name == value.Name))
            {
                merged.Add(value);
            }
        }

        merged.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return [.. merged];
    }

    private float[]? TrendOf(int measurement) => _trends.Find(trend => trend.Measurement == measurement).Values;

    /// <param name="timeout">The timeout of the sensor's monitor, µs.</param>
    /// <param name="level">The highest level of the open alerts; null: no alert is open.</param>
    public SensorCondition ConditionBy(StreamClocks streams, long timeout, AlertLevel? level)
    {
        if (LastAt is not { } at)
        {
            return streams.Watched > timeout || level == AlertLevel.Error ? SensorCondition.Silent : SensorCondition.Unknown;
        }

        var streamTime = Partition is { } partition ? streams.Of(partition, SourceTopic) : EpochTime.Min;
        return streamTime - at > timeout ? SensorCondition.Silent
            : IsStored && streamTime == EpochTime.Min
                ? streams.Watched > timeout ? SensorCondition.Silent : SensorCondition.Unknown
            : LacksValue || (LacksPrimary && level == AlertLevel.Error) ? SensorCondition.Disconnected
            : SensorCondition.Reporting;
    }
}
