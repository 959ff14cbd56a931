using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>
/// Takes messages from a consumer many at once, and lends them where the client has them.
/// </summary>
/// <remarks>
/// The managed client takes one message a call and makes an object of each, which costs more than to read a reading:
/// about 0.4 µs and 200 bytes. Everything else is left to it, as callbacks run within the take as they would within a
/// <c>Consume</c>. To be used by the one thread that polls.
/// </remarks>
internal sealed unsafe partial class MessageQueue : IDisposable
{
    private readonly nint _queue;
    private readonly nint[] _messages;
    private int _count;
    private bool _disposed;

    static MessageQueue() => KafkaLibrary.Load();

    /// <param name="consumer">Lives longer than the queue.</param>
    /// <param name="capacity">Most messages of one take.</param>
    public MessageQueue(IClient consumer, int capacity)
    {
        _messages = new nint[capacity];
        _queue = Native.GetConsumerQueue(HandleOf(consumer));
        if (_queue == 0)
        {
            throw new ArgumentException("The client is not a consumer of a group.", nameof(consumer));
        }
    }

    /// <summary>Takes what is there, or waits for the first message. What was taken before must have been released.</summary>
    /// <returns>How many messages there are, in the order of offsets within a partition.</returns>
    public int Take(TimeSpan timeout)
    {
        // With a timeout the client would wait until all of the array is filled, so it is given one place then.
        _count = TakeNow(_messages.Length, 0);
        return _count > 0 ? _count : _count = TakeNow(1, (int)timeout.TotalMilliseconds);
    }

    public ref readonly NativeMessage this[int index] => ref *(NativeMessage*)_messages[index];

    /// <summary>Gives all messages back; what they lent is gone.</summary>
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

    /// <summary>The client keeps the native handle to itself.</summary>
    private static nint HandleOf(IClient client)
    {
        var property = typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic);
        return property?.GetValue(client.Handle) is SafeHandle handle
            ? handle.DangerousGetHandle()
            : throw new InvalidOperationException("This version of Confluent.Kafka hides the native client elsewhere than expected.");
    }

    private static partial class Native
    {
        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_queue_get_consumer")]
        public static partial nint GetConsumerQueue(nint client);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_queue_destroy")]
        public static partial void DestroyQueue(nint queue);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_consume_batch_queue")]
        public static partial nint TakeBatch(nint queue, int timeoutMs, nint* messages, nuint size);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_message_destroy")]
        public static partial void Destroy(nint message);
    }
}
