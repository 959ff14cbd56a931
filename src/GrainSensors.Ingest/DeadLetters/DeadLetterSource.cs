using System.Globalization;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>Where the message stood that became a letter; written <c>TOPIC:PARTITION:OFFSET</c>.</summary>
public sealed record DeadLetterSource(string Topic, int Partition, long Offset)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Topic}:{Partition}:{Offset}");
}
