using System.Globalization;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Orleans.Streaming.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>
/// A producer for one topic that accepts many messages with one call, or one with headers, and reports many deliveries with one call.
/// </summary>
/// <remarks>
/// For each message the managed client creates several objects, several more for its report, and calls the library twice. That takes
/// about 2 µs, as much as the rest of producing. This is a separate native client, because the managed one takes all reports itself.
/// </remarks>
internal sealed unsafe partial class BulkProducer : IDisposable
{
    private const int ProducerKind = 0;
    private const int AnyPartition = -1;
    private const int CopyPayload = 2;
    private const int ArgumentCount = 7;
    private const int EventDelivery = 1, EventLog = 4, EventError = 8;
    private const int ErrorSize = 512;
    private const int ReportsAtOnce = 1024;
    private const int PollTimeoutMs = 100;

    /// <summary>The client's default of queued messages.</summary>
    private const int DefaultCapacity = 100_000;

    /// <summary>The client's default of queued bytes.</summary>
    private const long DefaultByteCapacity = 1L << 30;

    private readonly IBulkReports _reports;
    private readonly nint _client;
    private readonly nint _topic;
    private readonly nint _queue;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private long _bytesInFlight;
    private int _inFlight;
    private volatile bool _stopping;

    static BulkProducer() => KafkaNativeLibrary.UseIn(typeof(BulkProducer).Assembly);

    /// <param name="config">The client's properties; those of the managed client are ignored.</param>
    /// <exception cref="InvalidOperationException">The client rejects a property.</exception>
    public BulkProducer(IEnumerable<KeyValuePair<string, string>> config, string topic, IBulkReports reports)
    {
        _reports = reports;
        var configuration = Native.NewConfiguration();
        var error = stackalloc byte[ErrorSize];
        var properties = config.Where(property => !property.Key.StartsWith("dotnet.", StringComparison.Ordinal));
        foreach (var (name, value) in properties.Append(new("log.queue", "true")))
        {
            if (Native.Set(configuration, name, value, error, ErrorSize) != 0)
            {
                Native.DestroyConfiguration(configuration);
                throw Refused(error);
            }

            switch (name)
            {
                case "queue.buffering.max.messages":
                    Capacity = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "queue.buffering.max.kbytes":
                    ByteCapacity = long.Parse(value, CultureInfo.InvariantCulture) * 1024;
                    break;
            }
        }

        Native.SetEvents(configuration, EventDelivery | EventLog | EventError);
        _client = Native.New(ProducerKind, configuration, error, ErrorSize);
        if (_client == 0)
        {
            Native.DestroyConfiguration(configuration);
            throw Refused(error);
        }

        _ = Native.SetLogQueue(_client, 0);
        _topic = Native.NewTopic(_client, topic, 0);
        _queue = Native.GetMainQueue(_client);
        _thread = new(Serve) { Name = "kafka reports", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Maximum number of queued messages, and of messages in a chunk.</summary>
    public int Capacity { get; } = DefaultCapacity;

    /// <summary>Maximum size of queued messages, and of a chunk.</summary>
    public long ByteCapacity { get; } = DefaultByteCapacity;

    /// <summary>Number of messages without a report.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Queues copies of the messages. Rejected messages are reported at once.</summary>
    /// <returns>False if the queue has no space for the chunk; it has then accepted none.</returns>
    public bool TryProduce(MessageChunk chunk)
    {
        // The client would accept a part of a chunk that exceeds its queue. Only the first chunk may exceed it.
        var messages = chunk.Messages;
        var (count, bytes) = (InFlight + messages.Length, Volatile.Read(ref _bytesInFlight) + chunk.Bytes);
        if (InFlight > 0 && (count > Capacity || bytes > ByteCapacity))
        {
            return false;
        }

        Interlocked.Add(ref _inFlight, messages.Length);
        Interlocked.Add(ref _bytesInFlight, chunk.Bytes);
        fixed (NativeMessage* first = messages)
        {
            if (Native.Produce(_topic, AnyPartition, CopyPayload, first, messages.Length) == messages.Length)
            {
                return true;
            }
        }

        foreach (ref readonly var message in messages)
        {
            if (message.Error != ErrorCode.NoError)
            {
                _reports.Failed(in message, new Error(message.Error).Reason);
                Settle(1, message.Bytes);
            }
        }

        return true;
    }

    /// <summary>Queues a copy of a message.</summary>
    /// <param name="key">Null for a message without a key.</param>
    /// <param name="value">Null for a tombstone.</param>
    /// <param name="headers">The client takes them over, unless it has rejected the message.</param>
    /// <param name="tag">Value for the report of the message.</param>
    /// <returns>Why the client has rejected the message, which gets no report then; or <see cref="ErrorCode.NoError"/>.</returns>
    public ErrorCode Produce(byte[]? key, byte[]? value, ref MessageHeaders headers, nint tag)
    {
        var bytes = (key?.Length ?? 0) + (value?.Length ?? 0);
        Settle(-1, -bytes);
        byte none; // the address of an empty key or value is not null
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            var arguments = stackalloc ProduceArgument[]
            {
                ProduceArgument.Topic(_topic),
                ProduceArgument.Partition(AnyPartition),
                ProduceArgument.Flags(CopyPayload),
                ProduceArgument.Tag(tag),
                ProduceArgument.Headers(headers.List),
                ProduceArgument.Key(key is { Length: 0 } ? &none : keyBytes, key?.Length ?? 0),
                ProduceArgument.Value(value is { Length: 0 } ? &none : valueBytes, value?.Length ?? 0),
            };
            nint error;
            lock (_gate)
            {
                if (_stopping)
                {
                    Settle(1, bytes);
                    return ErrorCode.Local_Destroy;
                }

                error = Native.Produce(_client, arguments, ArgumentCount);
            }

            if (error == 0)
            {
                headers.Taken();
                return ErrorCode.NoError;
            }

            var code = (ErrorCode)Native.CodeOf(error);
            Native.DestroyError(error);
            Settle(1, bytes);
            return code;
        }
    }

    /// <summary>Sends incomplete batches and waits for reports.</summary>
    /// <returns>Whether every message has its report.</returns>
    public bool Flush(TimeSpan timeout)
    {
        _ = Native.Flush(_client, (int)timeout.TotalMilliseconds);
        return InFlight == 0;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return;
            }

            _stopping = true;
        }

        _thread.Join();
        Native.DestroyQueue(_queue);
        Native.DestroyTopic(_topic);
        Native.Destroy(_client);
    }

    private static InvalidOperationException Refused(byte* error) => new(Marshal.PtrToStringUTF8((nint)error));

    private void Serve()
    {
        var messages = stackalloc nint[ReportsAtOnce];
        while (!_stopping)
        {
            var happened = Native.Poll(_queue, PollTimeoutMs);
            if (happened == 0)
            {
                continue;
            }

            var (reported, bytes) = (0, 0L);
            switch (Native.TypeOf(happened))
            {
                case EventDelivery:
                    while ((int)Native.MessagesOf(happened, messages, ReportsAtOnce) is var count and > 0)
                    {
                        var some = new ReportedMessages(messages, count);
                        _reports.OnDelivered(some);
                        (reported, bytes) = (reported + count, bytes + some.Bytes);
                    }

                    break;
                case EventError:
                    var code = (ErrorCode)Native.ErrorOf(happened);
                    _reports.OnError(new Error(code, Marshal.PtrToStringUTF8(Native.ErrorTextOf(happened))));
                    break;
                case EventLog when Native.LogOf(happened, out var facility, out var text, out _) == 0:
                    _reports.OnLog(Marshal.PtrToStringUTF8(facility)!, Marshal.PtrToStringUTF8(text)!);
                    break;
            }

            // The destruction of the event frees space in the client's queue.
            Native.DestroyEvent(happened);
            Settle(reported, bytes);
        }
    }

    private void Settle(int messages, long bytes)
    {
        Interlocked.Add(ref _bytesInFlight, -bytes);
        Interlocked.Add(ref _inFlight, -messages);
    }
}
