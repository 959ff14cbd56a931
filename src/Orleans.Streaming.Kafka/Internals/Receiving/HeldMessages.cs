using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>
/// Fetched messages that wait until their format has what it needs to read them, such as a schema, and until they have a stream. They
/// keep their order, so the partition waits at the first one.
/// </summary>
/// <remarks>The pulling agent uses it, one turn at a time. No thread waits.</remarks>
internal sealed partial class HeldMessages(MessageDecoder decoder, TopicPartition partition, TimeProvider clock, ILogger logger)
{
    private readonly Queue<Fetched> _held = new();

    /// <summary>The preparation of the first message; null if it has not started.</summary>
    private Task? _preparing;

    private bool _isOutage;

    public bool IsEmpty => _held.Count == 0;

    /// <summary>Holds the messages, and replaces them by those that can be read now. Waits only if there is none.</summary>
    public async ValueTask ExchangeAsync(List<Fetched> messages, TimeSpan maxWait, CancellationToken cancellationToken)
    {
        messages.ForEach(_held.Enqueue);
        messages.Clear();
        while (_held.TryPeek(out var next))
        {
            if (next.Rewind is { IsAbandoned: true })
            {
                _preparing = null;
            }
            else if (await IsReadyAsync(next, messages.Count == 0 ? maxWait : TimeSpan.Zero, cancellationToken))
            {
                messages.Add(next);
            }
            else
            {
                return;
            }

            _held.Dequeue();
        }
    }

    private async ValueTask<bool> IsReadyAsync(Fetched next, TimeSpan maxWait, CancellationToken cancellationToken)
    {
        if (_preparing is null)
        {
            // The look-up continues when the agent stops waiting for it.
            var preparing = decoder.PrepareAsync(next, CancellationToken.None);
            if (preparing.IsCompletedSuccessfully)
            {
                return true;
            }

            _preparing = preparing.AsTask();
        }

        if (!_preparing.IsCompleted && maxWait > TimeSpan.Zero)
        {
            await Task.WhenAny(_preparing, Task.Delay(maxWait, clock, cancellationToken));
        }

        if (!_preparing.IsCompleted)
        {
            return false;
        }

        var (done, reason) = (_preparing, _preparing.Exception?.InnerException);
        _preparing = null;
        if (done.IsCompletedSuccessfully || reason is not (KafkaFormatUnavailableException or KafkaStreamException))
        {
            // Whatever else is wrong, the delivery reports it.
            Resumed();
            return true;
        }

        Waits(next, reason);
        if (maxWait > TimeSpan.Zero)
        {
            await Task.Delay(maxWait, clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        return false;
    }

    private void Waits(Fetched next, Exception reason)
    {
        if (!_isOutage)
        {
            _isOutage = true;
            LogWaits(logger, partition.ToString(), next.Message!.Offset, reason.Message);
        }
    }

    private void Resumed()
    {
        if (_isOutage)
        {
            _isOutage = false;
            LogResumed(logger, partition.ToString());
        }
    }

    [LoggerMessage(6033, LogLevel.Warning,
        "{Partition} waits at offset {Offset}, and its messages are not delivered: {Reason}")]
    private static partial void LogWaits(ILogger logger, string partition, long offset, string reason);

    [LoggerMessage(6034, LogLevel.Information, "{Partition} is read again")]
    private static partial void LogResumed(ILogger logger, string partition);
}
