using System.Text;

namespace Orleans.Streaming.Kafka;

/// <summary>
/// The headers of messages, beside the events: those that are set go with the events that are produced from then on in the
/// same request, and a subscriber finds those of the message that it is given.
/// </summary>
/// <remarks>They travel in the <see cref="RequestContext"/>, hence on to the grains that are called.</remarks>
public static class KafkaHeaders
{
    internal const string Prefix = "kafka.header.";

    /// <summary>Sends a header with what is produced from now on.</summary>
    public static void Set(string name, byte[] value) => RequestContext.Set(Prefix + name, value);

    /// <inheritdoc cref="Set(string, byte[])"/>
    public static void Set(string name, string value) => Set(name, Encoding.UTF8.GetBytes(value));

    /// <returns>The value of a header; null: there is none.</returns>
    public static byte[]? Get(string name) => RequestContext.Get(Prefix + name) as byte[];

    /// <returns>The value of a header as text; null: there is none.</returns>
    public static string? GetText(string name) => Get(name) is { } value ? Encoding.UTF8.GetString(value) : null;
}
