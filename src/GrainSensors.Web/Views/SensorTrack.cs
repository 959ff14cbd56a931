namespace GrainSensors.Web.Views;

/// <summary>What is remembered of a sensor while somebody watches: its latest reading and the last minute of values.</summary>
internal sealed class SensorTrack(int sensorId, int measurements)
{
    /// <summary>Values in a trend; one a look.</summary>
    public const int TrendLength = 60;

    private readonly float[] _trend = new float[measurements * TrendLength];
    private int _count;

    public int SensorId => sensorId;

    /// <summary>µs since the epoch; null: there was no reading yet.</summary>
    public long? LastAt { get; private set; }

    /// <summary>Replaced, never changed: whoever has it may keep it.</summary>
    public double[] Values { get; private set; } = Enumerable.Repeat(double.NaN, measurements).ToArray();

    public string? City { get; set; }

    public string? Station { get; set; }

    /// <param name="at">µs since the epoch; what is not newer than what is known changes nothing.</param>
    public void Take(long at, ReadOnlySpan<double> values)
    {
        if (at <= LastAt)
        {
            return;
        }

        LastAt = at;
        Values = values.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            _trend[(i * TrendLength) + (_count % TrendLength)] = (float)values[i];
        }

        _count++;
    }

    /// <returns>The last values of a measurement, the latest last; NaN: none.</returns>
    public float[] Trend(int measurement)
    {
        var length = Math.Min(_count, TrendLength);
        var trend = new float[length];
        for (var i = 0; i < length; i++)
        {
            trend[i] = _trend[(measurement * TrendLength) + ((_count - length + i) % TrendLength)];
        }

        return trend;
    }
}
