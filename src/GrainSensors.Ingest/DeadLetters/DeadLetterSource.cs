using System.Globalization;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>The position of the message that became a dead letter, written as <c>TOPIC:PARTITION:OFFSET</c>.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
public sealed record DeadLetterSource(string Topic, int Partition, long Offset)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Topic}:{Partition}:{Offset}");
}
