using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Producing;

/// <summary>
/// Appends messages idempotently: a partition has each message once, in the order of the calls, however often the client had to
/// retry.
/// </summary>
internal sealed partial class StreamProducer : IDisposable
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan RefreshTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly KafkaClients _clients;
    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly object _gate = new();

    /// <summary>Messages that wait until the client's queue has space, in the order of the calls.</summary>
    private readonly Queue<PendingMessage> _pending = [];

    private bool _isDisposed;

    public StreamProducer(KafkaClients clients, TimeProvider clock, ILogger logger)
    {
        _clients = clients;
        _producer = clients.Producer();
        _clock = clock;
        _logger = logger;
    }

    /// <param name="partition">The partition, or <see cref="Partition.Any"/>.</param>
    /// <returns>A task that completes when Kafka has acknowledged the message.</returns>
    /// <exception cref="KafkaStreamException">Kafka has not acknowledged the message.</exception>
    public Task SendAsync(TopicPartition partition, Message<byte[]?, byte[]?> message)
    {
        var pending = new PendingMessage(partition, message, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_isDisposed)
            {
                pending.Fail("the stream provider has stopped");
            }
            else if (_pending.Count > 0 || !TryProduce(pending))
            {
                _pending.Enqueue(pending);
                if (_pending.Count == 1)
                {
                    _ = ProducePendingAsync();
                }
            }
        }

        return pending.Done.Task;
    }

    /// <summary>
    /// Updates the client's knowledge of topics. It refuses a partition that it does not know, and looks for new ones every five minutes.
    /// </summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public void Refresh(IEnumerable<string> topics)
    {
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        foreach (var topic in topics)
        {
            admin.GetMetadata(topic, RefreshTimeout);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            while (_pending.TryDequeue(out var pending))
            {
                pending.Fail("the stream provider has stopped");
            }
        }

        var left = _producer.Flush(FlushTimeout);
        if (left > 0)
        {
            LogStoppedEarly(_logger, _clients.Provider, left);
        }

        _producer.Dispose();
    }

    private async Task ProducePendingAsync()
    {
        while (true)
        {
            await Task.Delay(QueueFullPause, _clock).ConfigureAwait(false);
            lock (_gate)
            {
                while (_pending.TryPeek(out var pending) && TryProduce(pending))
                {
                    _pending.Dequeue();
                }

                if (_pending.Count == 0)
                {
                    return;
                }
            }
        }
    }

    /// <returns>False if the client's queue is full; otherwise the client has accepted or rejected the message.</returns>
    private bool TryProduce(PendingMessage pending)
    {
        try
        {
            _producer.Produce(pending.Partition, pending.Message, report =>
            {
                _clients.Metrics.Sent(pending.Partition.Topic, report.Error.IsError ? report.Error.Code.ToString() : null);
                if (report.Error.IsError)
                {
                    pending.Fail(_clients.Redact(report.Error.Reason), report.Error.Code);
                }
                else
                {
                    _clients.Options.Acknowledged?.Invoke(report.TopicPartitionOffset);
                    pending.Done.SetResult();
                }
            });
            return true;
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == Confluent.Kafka.ErrorCode.Local_QueueFull)
        {
            return false;
        }
        catch (KafkaException e)
        {
            pending.Fail(_clients.Redact(e.Error.Reason), e.Error.Code);
            return true;
        }
    }

    [LoggerMessage(6001, LogLevel.Warning,
        "The stream provider \"{Provider}\" stopped before Kafka acknowledged all messages; unacknowledged: {Messages}")]
    private static partial void LogStoppedEarly(ILogger logger, string provider, int messages);

    private readonly record struct PendingMessage(TopicPartition Partition, Message<byte[]?, byte[]?> Message, TaskCompletionSource Done)
    {
        public void Fail(string reason, Confluent.Kafka.ErrorCode code = Confluent.Kafka.ErrorCode.Local_Fail) => Done.TrySetException(
            new KafkaStreamException($"Could not produce an event to the topic \"{Partition.Topic}\": {reason}", new KafkaException(code)));
    }
}
