using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>The headers of records in the dead-letter topic and of requeued readings. Their values are text in UTF-8.</summary>
internal static class DeadLetterHeaders
{
    public const string Reason = "reason";
    public const string SourceTopic = "source.topic";
    public const string SourcePartition = "source.partition";
    public const string SourceOffset = "source.offset";

    /// <summary>
    /// The readings of the message that are rejected, by their index: <c>0,3</c>. Missing if the whole message is. A requeued message
    /// keeps it, and only these readings of it are taken.
    /// </summary>
    public const string Parts = "parts";

    /// <summary>The reason in full.</summary>
    public const string Detail = "detail";

    /// <summary>Kafka's timestamp of the message, ms since the epoch. Missing if the message has none.</summary>
    public const string SourceTimestamp = "source.timestamp";

    /// <summary>
    /// The number of headers of the message. They come first and stay unchanged, whatever their names; the last header of a name is the
    /// one of the dead letter. Missing on dead letters of older releases, which keep neither headers nor key nor timestamp.
    /// </summary>
    public const string SourceHeaders = "source.headers";

    /// <summary>The size of value, key and headers in bytes, if Kafka refused the whole and only a part is kept.</summary>
    public const string OriginalSize = "original.size";

    /// <summary>Present on markers only. A marker refers to a dead letter and is not one itself.</summary>
    public const string Marker = "mark";

    /// <summary>The value of <see cref="Marker"/> for a requeued dead letter.</summary>
    public const string Requeued = "requeued";

    /// <summary>On a marker: the <see cref="DeadLetters.DeadLetterId"/> of the dead letter that it refers to.</summary>
    public const string MarkedLetter = "letter";

    /// <summary>On a marker: the topic that the bytes of the dead letter were produced to.</summary>
    public const string RequeuedTo = "requeued.to";

    /// <summary>On a requeued reading: the <see cref="DeadLetters.DeadLetterId"/> of the dead letter.</summary>
    public const string DeadLetterId = "dead-letter.id";

    /// <summary>On a requeued reading: the dead-letter topic of the dead letter.</summary>
    public const string DeadLetterTopic = "dead-letter.topic";

    public static void AddText(this Headers headers, string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));

    public static void AddNumber(this Headers headers, string name, long value) =>
        headers.AddText(name, value.ToString(CultureInfo.InvariantCulture));

    /// <returns>Null if the header does not exist.</returns>
    public static string? Text(this Headers headers, string name) =>
        headers.TryGetLastBytes(name, out var value) && value is not null ? Encoding.UTF8.GetString(value) : null;

    /// <returns>Null if the header does not exist or is not an integer.</returns>
    public static long? Number(this Headers headers, string name) =>
        long.TryParse(headers.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
