using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Selects the readings that a request asks for, and collects what is in dispute.</summary>
/// <param name="add">Takes a reading: its sensor, its time, and its values of declared and other measurements.</param>
internal sealed class ReadingSelection(
    ReconciliationRequest request, MessageClassifier classifier, Action<int, long, MeasurementValues, IReadOnlyList<MeasuredValue>> add)
{
    private readonly HashSet<int>? _sensors = request.SensorIds?.ToHashSet();
    private readonly HashSet<(int, long)> _ambiguous = [];
    private long _taken;

    public LogReading Result => new(_taken, classifier.Disagreements)
    {
        HasMoreDisagreements = classifier.HasMore,
        Ambiguous = _ambiguous,
    };

    public void Take(MessageNumbering.Item item)
    {
        var message = item.Message;
        var isReading = item.IsAmbiguous ? message.IsReading : classifier.IsReading(in item);
        if (!isReading || message.EventTime < request.From || message.EventTime >= request.To
            || _sensors?.Contains(message.SensorId) == false)
        {
            return;
        }

        if (item.IsAmbiguous)
        {
            _ambiguous.Add((message.SensorId, request.Period.StartOf(message.EventTime)));
        }
        else if (message.SensorId == SensorName.NoNumber)
        {
            classifier.AddUnnumbered(item.Place, message, item.Written);
        }
        else
        {
            add(message.SensorId, message.EventTime, message.Values, message.Others);
            _taken++;
        }
    }
}
