using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Caching;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals.Receiving;

/// <summary>One partition, for its pulling agent: begins where the group stands, hands over messages, and has done what is delivered committed.</summary>
internal sealed partial class PartitionReceiver : IQueueAdapterReceiver, ICacheOwner, IDisposable
{
    private static readonly TimeSpan CommitPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StartRetryInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(10);

    private readonly KafkaStreamConnection _connection;
    private readonly TopicPartition _partition;
    private readonly PartitionCache? _cache;
    private readonly MessageDecoder _decoder;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Fetched> _taken = [];
    private Task<FetchedPartition>? _start;
    private FetchedPartition? _fetched;
    private RewindReader? _rewinds;
    private long? _completed;

    /// <param name="cache">Null: the agent keeps messages in a cache of another kind, which delivers them in order.</param>
    public PartitionReceiver(KafkaStreamConnection connection, TopicPartition partition, MessageDecoder decoder, PartitionCache? cache)
    {
        _connection = connection;
        _partition = partition;
        _decoder = decoder;
        _cache = cache;
        if (cache is not null)
        {
            cache.Owner = this;
        }
    }

    public Task Initialize(TimeSpan timeout) => Initialize(timeout, CancellationToken.None);

    /// <summary>An agent goes on without one that is late; it begins when Kafka answers.</summary>
    public async Task Initialize(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _start = StartAsync();
        await Task.WhenAny(_start, Task.Delay(timeout, _connection.Clock, cancellationToken));
    }

    [Obsolete("Orleans calls the overload with a CancellationToken.")]
    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        if (!IsStarted() || _fetched is not { } fetched)
        {
            return [];
        }

        var most = maxCount > 0 ? Math.Min(maxCount, _connection.Clients.Options.BatchSize) : _connection.Clients.Options.BatchSize;
        var isFull = _cache is { IsFull: true };
        var result = Take(fetched, most, isFull);
        if (result.Count > 0)
        {
            return result;
        }

        if (isFull)
        {
            await Task.Delay(FullPause, _connection.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return result;
        }

        await fetched.WaitAsync(_connection.Clients.Options.PollTimeout, cancellationToken);
        return Take(fetched, most, isFull: false);
    }

    [Obsolete("Orleans calls the overload with a CancellationToken.")]
    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => MessagesDeliveredAsync(messages, CancellationToken.None);

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken)
    {
        _completed = _cache is not null ? _cache.Completed : messages.Count > 0 ? messages.Max(message => message.SequenceToken.SequenceNumber) + 1 : _completed;
        if (_completed is { } completed && _fetched is { } fetched)
        {
            _connection.Reader.Complete(fetched, completed);
        }

        return Task.CompletedTask;
    }

    public Task Shutdown(TimeSpan timeout) => Shutdown(timeout, CancellationToken.None);

    public async Task Shutdown(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        _connection.Forget(_cache);
        if (IsStarted() && _fetched is { } fetched)
        {
            // Whoever reads on begins with what is committed, so it is waited for; but not for a broker that is away.
            var removal = _connection.Reader.RemoveAsync(fetched, _cache?.Completed ?? _completed);
            await Task.WhenAny(removal, Task.Delay(timeout < CommitPatience ? timeout : CommitPatience, _connection.Clock, cancellationToken));
        }

        else if (_start is not null)
        {
            _ = RemoveLateAsync(_start);
        }

        Dispose();
    }

    public void Dispose()
    {
        _rewinds?.Dispose();
        _stop.Dispose();
    }

    public void Read(Rewind rewind) => _rewinds!.Read(rewind);

    public void WriteDeadLetter(KafkaBatchContainer message, Exception? error, Action written) =>
        _ = _connection.DeadLetters.WriteAsync(new(message, _partition, error), written, _stop.Token);

    /// <param name="isFull">The cache has room for nothing new.</param>
    private List<IBatchContainer> Take(FetchedPartition fetched, int most, bool isFull)
    {
        _taken.Clear();
        TakeAgain(fetched, isFull ? most : Math.Max(most / 2, 1));
        if (!isFull)
        {
            while (_taken.Count < most && fetched.TryTake(out var next))
            {
                _taken.Add(next);
            }

            TakeAgain(fetched, most);
        }

        if (_taken.Count == 0)
        {
            return [];
        }

        _connection.Reader.SpaceFreed();
        var result = new List<IBatchContainer>(_taken.Count);
        foreach (var next in _taken)
        {
            result.Add(next.Message is null ? _decoder.Tell(next.Rewind!, next.Sign) : _decoder.Decode(next));
        }

        _taken.Clear();
        return result;
    }

    private void TakeAgain(FetchedPartition fetched, int most)
    {
        while (_taken.Count < most && fetched.TryTakeAgain(out var next))
        {
            // What nobody waits for any more would only start it once again.
            if (!next.Rewind!.IsAbandoned)
            {
                _taken.Add(next);
            }
        }
    }

    private bool IsStarted()
    {
        if (_fetched is null && _start is { IsCompletedSuccessfully: true })
        {
            _fetched = _start.Result;
            _rewinds = new(_connection.Clients, _fetched, _decoder.StreamOf, _connection.StreamInactivity, _connection.Clock, _connection.Logger);
        }

        return _fetched is not null;
    }

    /// <summary>It was about to begin when it was shut down.</summary>
    private async Task RemoveLateAsync(Task<FetchedPartition> start)
    {
        try
        {
            await _connection.Reader.RemoveAsync(await start, null);
        }
        catch (Exception e) when (e is OperationCanceledException or KafkaException or ObjectDisposedException)
        {
            // It has not begun.
        }
    }

    /// <summary>Tries until it is told to stop.</summary>
    private async Task<FetchedPartition> StartAsync()
    {
        var stop = _stop.Token;
        while (true)
        {
            try
            {
                var offset = await new StartOffset(_connection.Clients, _connection.Clock, _connection.Logger).FindAsync(_partition, stop);
                _cache?.BeginAt(offset);
                var fetched = await _connection.Reader.AddAsync(_partition, offset, stop);
                LogBegins(_connection.Logger, _partition.ToString(), offset);
                return fetched;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogStartFailed(_connection.Logger, _partition.ToString(), _connection.Clients.Redact(e.Message));
            }

            await Task.Delay(StartRetryInterval, _connection.Clock, stop);
        }
    }

    [LoggerMessage(6031, LogLevel.Information, "Reading {Partition} begins at offset {Offset}")]
    private static partial void LogBegins(ILogger logger, string partition, long offset);

    [LoggerMessage(6032, LogLevel.Error, "Reading {Partition} could not begin and is tried again: {Reason}")]
    private static partial void LogStartFailed(ILogger logger, string partition, string reason);
}
