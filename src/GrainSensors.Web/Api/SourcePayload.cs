using System.Text;
using Confluent.Kafka;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Web.Api;

/// <summary>A payload of a request, with the key and the headers that it gets in Kafka.</summary>
internal sealed class SourcePayload(byte[] bytes) : IMessageHeaders
{
    private readonly List<IHeader> _headers = [];

    public byte[] Bytes { get; } = bytes;

    /// <summary>Null: the message has no key.</summary>
    public byte[]? Key { get; private init; }

    public IReadOnlyList<IHeader> Headers => _headers;

    /// <param name="key">Null: the message has no key.</param>
    /// <param name="topic">The topic that the device published to; null: none.</param>
    public static SourcePayload Of(byte[] bytes, string? key, string? topic)
    {
        var payload = new SourcePayload(bytes) { Key = key is null ? null : Encoding.UTF8.GetBytes(key) };
        return topic is null ? payload : payload.With(SourceMessage.MqttTopicHeader, topic);
    }

    public SourcePayload With(string header, string value)
    {
        _headers.Add(new Header(header, Encoding.UTF8.GetBytes(value)));
        return this;
    }

    public ReadOnlySpan<byte> Find(string name) => _headers.FindLast(header => header.Key == name)?.GetValueBytes();
}
