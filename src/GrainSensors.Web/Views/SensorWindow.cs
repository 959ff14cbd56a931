using GrainSensors.Core.Merging;
using GrainSensors.Core.Windows;

namespace GrainSensors.Web.Views;

/// <summary>A window of one sensor with all of its measurements.</summary>
/// <param name="start">Inclusive, µs since the epoch.</param>
/// <param name="end">Exclusive, µs since the epoch.</param>
internal sealed class SensorWindow(long start, long end)
{
    private readonly SortedDictionary<string, MergedMeasurement> _measurements = new(StringComparer.Ordinal);

    public long Start => start;

    public long End => end;

    /// <summary>Statistics by the name of the measurement.</summary>
    public IReadOnlyDictionary<string, MergedMeasurement> Measurements => _measurements;

    /// <summary>The highest revision of its rows.</summary>
    public int Revision { get; private set; }

    /// <summary>True: all of its rows are final, and no further ones are to come.</summary>
    public bool IsFinal { get; set; } = true;

    /// <summary>Adds a row, or merges it with those of the same measurement.</summary>
    public void Add(in MeasuredStatistics measured, int revision, bool isFinal)
    {
        if (!_measurements.TryGetValue(measured.Measurement, out var all))
        {
            _measurements.Add(measured.Measurement, all = new());
        }

        all.Add(measured);
        Revision = Math.Max(Revision, revision);
        IsFinal &= isFinal;
    }
}
