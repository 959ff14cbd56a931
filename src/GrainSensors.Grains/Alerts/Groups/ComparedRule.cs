using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Storage;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Grains.Alerts.Groups;

/// <summary>A rule that compares the windows of sensors.</summary>
/// <param name="period">The period of the windows, in µs.</param>
internal sealed class ComparedRule(SensorGroups groups, MeasurementSet measurements, IStore store, long period)
{
    private const int MaxDwell = 1000;

    private readonly ComparedSensors _sensors = new(groups.Rule.ToWatched(measurements, null));

    public string Id => groups.Rule.Id;

    private string Measurement => groups.Rule.Selector.Measurement;

    /// <summary>Takes over the last alerts of sensors, and the windows before a time that belong to a dwell.</summary>
    /// <param name="last">In any order; an older alert of a sensor comes before a newer one.</param>
    /// <param name="until">The end of the last window that was judged.</param>
    public async Task RestoreAsync(IEnumerable<Alert> last, long until, CancellationToken cancellationToken)
    {
        foreach (var alert in last.Where(alert => alert.Rule == Id && alert.Measurement == Measurement))
        {
            _sensors.Restore(alert.SensorId, alert.State);
        }

        var dwell = Math.Min(MaxDwell, Math.Max(groups.Rule.DwellReadings, 1 + (groups.Rule.DwellTime / period)));
        await JudgeAsync(until - (dwell * period), until, isNew: false, [], cancellationToken);
    }

    /// <summary>Judges the windows that end after a time and up to another.</summary>
    public async Task JudgeAsync(long after, long until, bool isNew, ICollection<AlertChange> changes, CancellationToken cancellationToken)
    {
        var wanted = groups.Reference is { } reference ? groups.All.Append(reference) : groups.All;
        var query = new Storage.Windows.WindowQuery(after, until, [.. wanted], Core.Windows.Period.FromMicros(period));
        var means = new SortedDictionary<long, Dictionary<int, double>>();
        await foreach (var row in store.QueryPeriodAsync(query, cancellationToken))
        {
            if (row.Key.Measurement == Measurement)
            {
                if (!means.TryGetValue(row.Key.Start, out var ofWindow))
                {
                    means[row.Key.Start] = ofWindow = [];
                }

                ofWindow[row.Key.SensorId] = row.Statistics.Mean;
            }
        }

        foreach (var (start, ofWindow) in means)
        {
            Judge(ofWindow, start + period, isNew, changes);
        }
    }

    /// <summary>Clears the alerts of sensors that the rule no longer selects.</summary>
    public void RemoveOthers(long at, ICollection<AlertChange> changes) =>
        _sensors.Open.Where(sensor => !groups.All.Contains(sensor)).ToList().ForEach(sensor => _sensors.Remove(sensor, at, changes));

    private void Judge(Dictionary<int, double> means, long end, bool isNew, ICollection<AlertChange> changes)
    {
        foreach (var members in groups.Members.Values)
        {
            var known = members.Where(means.ContainsKey).Order().ToList();
            var reference = groups.Reference is { } sensor
                ? means.GetValueOrDefault(sensor, double.NaN)
                : CompareCondition.MedianOf([.. known.Select(member => means[member])]);
            foreach (var member in known.Where(member => member != groups.Reference))
            {
                _sensors.Judge(new(member, end, means[member], reference), isNew, changes);
            }
        }
    }
}
