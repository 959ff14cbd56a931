using Confluent.Kafka;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>Receives the reports of a bulk producer, on the client's thread. Messages are valid during the call only.</summary>
internal interface IBulkReports
{
    /// <summary>
    /// Messages were delivered or have failed, by their <see cref="NativeMessage.Error"/>. Messages of a partition are in the order of
    /// offsets.
    /// </summary>
    void OnDelivered(ReportedMessages messages);

    /// <summary>The client has rejected the message.</summary>
    void Failed(in NativeMessage message, string reason);

    /// <summary>The client has an error that it may recover from.</summary>
    void OnError(Error error);

    void OnLog(string facility, string message);
}

/// <summary>Reported messages in the client's memory.</summary>
internal readonly unsafe ref struct ReportedMessages(nint* messages, int count)
{
    private readonly nint* _messages = messages;

    public int Count => count;

    /// <summary>Size of all keys and values.</summary>
    public long Bytes
    {
        get
        {
            var bytes = 0L;
            for (var i = 0; i < count; i++)
            {
                bytes += this[i].Bytes;
            }

            return bytes;
        }
    }

    public ref readonly NativeMessage this[int index] => ref *(NativeMessage*)_messages[index];
}
