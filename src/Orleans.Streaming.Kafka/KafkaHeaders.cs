using System.Text;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// Reads and writes the headers of messages. A header that a request sets goes with all events that it produces later. A subscriber reads
/// the headers of its current message; they go out with its own events only if it forwards them.
/// </summary>
/// <remarks>The headers are part of the <see cref="RequestContext"/>, so they also reach the grains that the request calls.</remarks>
public static class KafkaHeaders
{
    /// <summary>Headers for events that the request produces.</summary>
    internal const string Prefix = "kafka.header.";

    /// <summary>Headers of the current message.</summary>
    internal const string ReceivedPrefix = "kafka.received.";

    /// <summary>Sets a header for the events that the request produces from now on.</summary>
    /// <param name="name">The name of the header.</param>
    /// <param name="value">The value of the header; text is encoded in UTF-8.</param>
    public static void Set(string name, byte[] value) => RequestContext.Set(Prefix + name, value);

    /// <inheritdoc cref="Set(string, byte[])"/>
    public static void Set(string name, string value) => Set(name, Encoding.UTF8.GetBytes(value));

    /// <summary>Sends headers of the current message with the events that the request produces from now on.</summary>
    /// <param name="names">The names of the headers; the message need not have all of them.</param>
    public static void Forward(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (RequestContext.Get(ReceivedPrefix + name) is byte[] value)
            {
                Set(name, value);
            }
        }
    }

    /// <summary>Reads a header of the current message, or one that the request has set.</summary>
    /// <param name="name">The name of the header.</param>
    /// <returns>The value of the header; null without such a header.</returns>
    public static byte[]? Get(string name) =>
        RequestContext.Get(ReceivedPrefix + name) as byte[] ?? RequestContext.Get(Prefix + name) as byte[];

    /// <summary>Reads a header of the current message, or one that the request has set, as text in UTF-8.</summary>
    /// <param name="name">The name of the header.</param>
    /// <returns>The value of the header; null without such a header.</returns>
    public static string? GetText(string name) => Get(name) is { } value ? Encoding.UTF8.GetString(value) : null;
}
