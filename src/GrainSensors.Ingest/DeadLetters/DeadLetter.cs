using System.Globalization;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Kafka.Native;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>A message that was rejected, or of which readings were.</summary>
/// <param name="Topic">The topic of the message.</param>
/// <param name="Partition">The partition of the message.</param>
/// <param name="Offset">The offset of the message.</param>
/// <param name="Reason">Why the message is not a reading; of several readings the first one counts.</param>
/// <param name="Detail">The reason in full: the member, its value, and the values that it may have.</param>
/// <param name="Bytes">The unchanged value of the message. Null for a tombstone.</param>
/// <param name="Message">The rest of the message.</param>
internal sealed record DeadLetter(
    string Topic, int Partition, long Offset, RejectReason Reason, string Detail, byte[]? Bytes, MessageAttributes Message)
{
    /// <summary>The rejections that depend on the time. Empty if they follow from the message alone.</summary>
    public IReadOnlyList<Refusal> Refusals { get; init; } = [];

    /// <summary>The rejected readings by their index in the message; null: the whole message.</summary>
    public IReadOnlyList<int>? Parts { get; init; }

    /// <param name="index">The first rejected reading of the message; negative: the whole message is rejected.</param>
    /// <param name="detail">Why it is rejected.</param>
    /// <param name="count">The number of rejected readings.</param>
    public static string DetailOf(int index, string detail, int count) => index < 0
        ? detail
        : string.Create(CultureInfo.InvariantCulture, $"reading {index}: {detail}{(count > 1 ? $" (and {count - 1} more)" : "")}");

    /// <summary>The size of the value, the key and the headers, in bytes.</summary>
    public int Size => (Bytes?.Length ?? 0) + Message.Size;
}
