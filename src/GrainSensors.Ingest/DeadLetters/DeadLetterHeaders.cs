using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace GrainSensors.Ingest.DeadLetters;

/// <summary>The headers of the dead-letter topic, and of a reading that came out of it; all are text in UTF-8.</summary>
internal static class DeadLetterHeaders
{
    public const string Reason = "reason";
    public const string SourceTopic = "source.topic";
    public const string SourcePartition = "source.partition";
    public const string SourceOffset = "source.offset";

    /// <summary>Bytes that the message had, where Kafka refused the whole.</summary>
    public const string OriginalSize = "original.size";

    /// <summary>Only marks have it: the record says something about a letter, and is none.</summary>
    public const string Mark = "mark";

    /// <summary>The value of <see cref="Mark"/>.</summary>
    public const string Requeued = "requeued";

    /// <summary>Of a mark: the <see cref="DeadLetters.DeadLetterId"/> that it is about.</summary>
    public const string Letter = "letter";

    /// <summary>Of a mark: the topic that the letter's bytes were produced to.</summary>
    public const string RequeuedTo = "requeued.to";

    /// <summary>Of a reading that was requeued: the <see cref="DeadLetters.DeadLetterId"/> that it comes from.</summary>
    public const string DeadLetterId = "dead-letter.id";

    /// <summary>Of a reading that was requeued: the dead-letter topic that it comes from.</summary>
    public const string DeadLetterTopic = "dead-letter.topic";

    public static void AddText(this Headers headers, string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));

    public static void AddNumber(this Headers headers, string name, long value) =>
        headers.AddText(name, value.ToString(CultureInfo.InvariantCulture));

    /// <returns>Null: there is no such header.</returns>
    public static string? Text(this Headers headers, string name) =>
        headers.TryGetLastBytes(name, out var value) && value is not null ? Encoding.UTF8.GetString(value) : null;

    /// <returns>Null: there is no such header, or it holds no whole number.</returns>
    public static long? Number(this Headers headers, string name) =>
        long.TryParse(headers.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
