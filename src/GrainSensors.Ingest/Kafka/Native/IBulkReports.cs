using Confluent.Kafka;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>Is told what becomes of messages and of their client, on the client's thread; messages are lent for the call.</summary>
internal interface IBulkReports
{
    /// <summary>Messages have arrived, or failed: their <see cref="NativeMessage.Error"/> says which. Those of a partition are in the order of offsets.</summary>
    void OnDelivered(ReportedMessages messages);

    /// <summary>The client did not even take the message.</summary>
    void Failed(in NativeMessage message, string reason);

    /// <summary>The client has trouble, of which it may recover.</summary>
    void OnError(Error error);

    void OnLog(string facility, string message);
}

/// <summary>Messages in the client's memory.</summary>
internal readonly unsafe ref struct ReportedMessages(nint* messages, int count)
{
    private readonly nint* _messages = messages;

    public int Count => count;

    /// <summary>Of keys and values together.</summary>
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
