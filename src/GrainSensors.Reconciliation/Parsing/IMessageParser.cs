using Confluent.Kafka;
using GrainSensors.Reconciliation.Model;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>Reads the messages of a topic.</summary>
internal interface IMessageParser
{
    /// <param name="into">Receives the readings, and what is rejected.</param>
    void Parse(ConsumeResult<byte[]?, byte[]?> record, List<ParsedPart> into);
}
