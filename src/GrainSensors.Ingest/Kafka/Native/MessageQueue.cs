using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>
/// Takes many messages from a consumer with one call and reads them in the client's memory.
/// </summary>
/// <remarks>
/// The managed client takes one message per call and creates an object for it: about 0.4 µs and 200 bytes, more than the parsing of
/// a reading costs. It still does everything else: its callbacks run within a take as within <c>Consume</c>. Only the polling thread
/// may use the queue.
/// </remarks>
internal sealed unsafe partial class MessageQueue : IDisposable
{
    private readonly nint _queue;
    private readonly nint[] _messages;
    private int _count;
    private bool _disposed;

    static MessageQueue() => KafkaNativeLibrary.UseIn(typeof(MessageQueue).Assembly);

    /// <param name="consumer">A consumer that is disposed after the queue.</param>
    /// <param name="capacity">Maximum number of messages of a take.</param>
    public MessageQueue(IClient consumer, int capacity)
    {
        _messages = new nint[capacity];
        _queue = Native.GetConsumerQueue(HandleOf(consumer));
        if (_queue == 0)
        {
            throw new ArgumentException("The client must be a consumer of a group.", nameof(consumer));
        }
    }

    /// <summary>Takes the available messages, or waits for the first one. The previous messages must be released.</summary>
    /// <returns>The number of messages, in the order of offsets within a partition.</returns>
    public int Take(TimeSpan timeout)
    {
        // With a timeout the client waits until the array is full, so the second call asks for one message.
        _count = TakeNow(_messages.Length, 0);
        return _count > 0 ? _count : _count = TakeNow(1, (int)timeout.TotalMilliseconds);
    }

    public ref readonly NativeMessage this[int index] => ref *(NativeMessage*)_messages[index];

    /// <summary>Releases all messages and their memory.</summary>
    public void Release()
    {
        for (var i = 0; i < _count; i++)
        {
            Native.Destroy(_messages[i]);
        }

        _count = 0;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Release();
            Native.DestroyQueue(_queue);
        }
    }

    private int TakeNow(int most, int timeoutMs)
    {
        fixed (nint* messages = _messages)
        {
            return (int)Math.Max(0, Native.TakeBatch(_queue, timeoutMs, messages, (nuint)most));
        }
    }

    /// <summary>Reads the native handle by reflection, because the client does not expose it.</summary>
    private static nint HandleOf(IClient client)
    {
        var property = typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic);
        return property?.GetValue(client.Handle) is SafeHandle handle
            ? handle.DangerousGetHandle()
            : throw new InvalidOperationException("Unsupported version of Confluent.Kafka: Handle has no property LibrdkafkaHandle.");
    }

    private static partial class Native
    {
        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_queue_get_consumer")]
        public static partial nint GetConsumerQueue(nint client);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_queue_destroy")]
        public static partial void DestroyQueue(nint queue);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_consume_batch_queue")]
        public static partial nint TakeBatch(nint queue, int timeoutMs, nint* messages, nuint size);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_message_destroy")]
        public static partial void Destroy(nint message);
    }
}
