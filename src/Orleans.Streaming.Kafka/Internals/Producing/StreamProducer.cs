using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streaming.Kafka.Internals.Clients;

namespace Orleans.Streaming.Kafka.Internals.Producing;

/// <summary>
/// Appends messages, idempotently: each is in its partition once, in the order of the calls, however often the client had to
/// send it.
/// </summary>
internal sealed partial class StreamProducer : IDisposable
{
    private static readonly TimeSpan QueueFullPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly KafkaClients _clients;
    private readonly IProducer<byte[]?, byte[]> _producer;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly object _gate = new();

    /// <summary>Behind a client that is full; whoever comes meanwhile waits behind them.</summary>
    private readonly Queue<Waiting> _waiting = [];

    private bool _isDisposed;

    public StreamProducer(KafkaClients clients, TimeProvider clock, ILogger logger)
    {
        _clients = clients;
        _producer = clients.Producer();
        _clock = clock;
        _logger = logger;
    }

    /// <param name="partition">May be any.</param>
    /// <returns>When Kafka has acknowledged it.</returns>
    /// <exception cref="KafkaStreamException">It has not.</exception>
    public Task SendAsync(TopicPartition partition, Message<byte[]?, byte[]> message)
    {
        var waiting = new Waiting(partition, message, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_isDisposed)
            {
                waiting.Fail("the stream provider is stopped");
            }
            else if (_waiting.Count > 0 || !TryProduce(waiting))
            {
                _waiting.Enqueue(waiting);
                if (_waiting.Count == 1)
                {
                    _ = ServeWaitingAsync();
                }
            }
        }

        return waiting.Done.Task;
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
            while (_waiting.TryDequeue(out var waiting))
            {
                waiting.Fail("the stream provider is stopped");
            }
        }

        var left = _producer.Flush(FlushTimeout);
        if (left > 0)
        {
            LogDisposed(_logger, left, _clients.Provider);
        }

        _producer.Dispose();
    }

    private async Task ServeWaitingAsync()
    {
        while (true)
        {
            await Task.Delay(QueueFullPause, _clock).ConfigureAwait(false);
            lock (_gate)
            {
                while (_waiting.TryPeek(out var waiting) && TryProduce(waiting))
                {
                    _waiting.Dequeue();
                }

                if (_waiting.Count == 0)
                {
                    return;
                }
            }
        }
    }

    /// <returns>Whether the client has it, or never will; false: it is full.</returns>
    private bool TryProduce(Waiting waiting)
    {
        try
        {
            _producer.Produce(waiting.Partition, waiting.Message, report =>
            {
                if (report.Error.IsError)
                {
                    waiting.Fail(_clients.Redact(report.Error.Reason), report.Error.Code);
                }
                else
                {
                    _clients.Options.Acknowledged?.Invoke(report.TopicPartitionOffset);
                    waiting.Done.SetResult();
                }
            });
            return true;
        }
        catch (ProduceException<byte[]?, byte[]> e) when (e.Error.Code == Confluent.Kafka.ErrorCode.Local_QueueFull)
        {
            return false;
        }
        catch (KafkaException e)
        {
            waiting.Fail(_clients.Redact(e.Error.Reason), e.Error.Code);
            return true;
        }
    }

    [LoggerMessage(6001, LogLevel.Warning, "{Messages} messages of the stream provider \"{Provider}\" were not acknowledged before it stopped")]
    private static partial void LogDisposed(ILogger logger, int messages, string provider);

    private readonly record struct Waiting(TopicPartition Partition, Message<byte[]?, byte[]> Message, TaskCompletionSource Done)
    {
        public void Fail(string reason, Confluent.Kafka.ErrorCode code = Confluent.Kafka.ErrorCode.Local_Fail) => Done.TrySetException(
            new KafkaStreamException($"The topic \"{Partition.Topic}\" did not take an event: {reason}", new KafkaException(code)));
    }
}
