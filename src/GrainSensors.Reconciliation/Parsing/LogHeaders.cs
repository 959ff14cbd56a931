using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace GrainSensors.Reconciliation.Parsing;

/// <summary>The headers of dead letters, and of messages that come from one.</summary>
internal static class LogHeaders
{
    public const string Reason = "reason";
    public const string SourceTopic = "source.topic";
    public const string SourcePartition = "source.partition";
    public const string SourceOffset = "source.offset";

    /// <summary>The number of headers of the message. A dead letter of a release without it keeps none of them.</summary>
    public const string SourceHeaders = "source.headers";

    /// <summary>The rejected readings of a message that has others, too.</summary>
    public const string Parts = "parts";

    /// <summary>Present if the dead letter holds only the first bytes of the message.</summary>
    public const string OriginalSize = "original.size";

    /// <summary>Present if it is no dead letter, but refers to one.</summary>
    public const string Mark = "mark";

    /// <summary>Present on a message that was requeued.</summary>
    public const string DeadLetterId = "dead-letter.id";

    /// <summary>A dead letter has the headers of its message first, and says how many.</summary>
    /// <returns>The header of the dead letter itself.</returns>
    public static string? OfLetter(Headers headers, string name)
    {
        _ = int.TryParse(Text(headers, SourceHeaders), NumberStyles.None, CultureInfo.InvariantCulture, out var ofMessage);
        for (var i = headers.Count - 1; i >= ofMessage; i--)
        {
            if (headers[i].Key == name && headers[i].GetValueBytes() is { } value)
            {
                return Encoding.UTF8.GetString(value);
            }
        }

        return null;
    }

    public static string? Text(Headers? headers, string name) =>
        headers?.TryGetLastBytes(name, out var value) == true && value is not null ? Encoding.UTF8.GetString(value) : null;
}
