using Confluent.Kafka;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Reads the topic of readings, whose messages have one reading each.</summary>
internal sealed class ContractMessages(ContractParser parser) : IMessageParser
{
    public void Parse(ConsumeResult<byte[]?, byte[]?> record, List<ParsedPart> into)
    {
        var value = record.Message.Value;
        into.Add(new(0, parser.Parse(value, value is null)));
    }
}
