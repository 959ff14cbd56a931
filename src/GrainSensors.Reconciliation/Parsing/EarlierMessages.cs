using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Gives the values of messages that an earlier configuration accepted to the measurements of the present one.</summary>
/// <param name="parser">Reads the messages as they were read then.</param>
/// <param name="names">The measurements then: the declared ones, and others.</param>
/// <param name="declaredThen">The number of those that were declared.</param>
/// <param name="request">The measurements now.</param>
internal sealed class EarlierMessages(
    IMessageParser parser, IReadOnlyList<string> names, int declaredThen, ReconciliationRequest request) : IMessageParser
{
    private readonly int[] _declared = [.. names.Select(name => IndexOf(request.Measurements, measurement => measurement.Name == name))];
    private readonly int[] _others = [.. names.Select(name => IndexOf(request.Discovered, measurement => measurement.Name == name))];
    private readonly List<ParsedPart> _parts = [];

    public void Parse(ConsumeResult<byte[]?, byte[]?> record, List<ParsedPart> into)
    {
        _parts.Clear();
        parser.Parse(record, _parts);
        into.AddRange(_parts.Select(part => part.Message.IsReading ? part with { Message = Translate(part.Message) } : part));
    }

    private ParsedMessage Translate(in ParsedMessage message)
    {
        var declared = new double[request.Measurements.Count];
        Array.Fill(declared, double.NaN);
        var others = new List<MeasuredValue>();
        for (var i = 0; i < declaredThen; i++)
        {
            Set(i, message.Values[i]);
        }

        foreach (var (measurement, value) in message.Others)
        {
            Set(declaredThen + measurement, value);
        }

        return message with { Values = MeasurementValues.Of(declared), Others = others };

        void Set(int then, double value)
        {
            if (_declared[then] >= 0)
            {
                declared[_declared[then]] = value;
            }
            else if (_others[then] >= 0 && !double.IsNaN(value))
            {
                others.Add(new(_others[then], value));
            }
        }
    }

    private static int IndexOf<T>(IReadOnlyList<T> list, Predicate<T> condition) => list.ToList().FindIndex(condition);
}
