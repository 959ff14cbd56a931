using System.Collections.Concurrent;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.Producing;

/// <summary>What has become of the readings that this process has sent, whichever way they went.</summary>
internal sealed class DeliveryTracker(KafkaClients clients, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly ConcurrentDictionary<int, long> _lastOffsets = new();
    private long _acknowledged;
    private long _failed;
    private int _underWay;
    private volatile string? _failure;
    private RetentionGuard? _guard;
    private volatile bool _isConnected;

    /// <summary>Readings that the log has acknowledged.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Readings that the log did not take.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Why the last one failed; null: none has.</summary>
    public string? Failure => _failure;

    /// <summary>Readings wait at present because the embedded broker would drop what the silos have not worked off.</summary>
    public bool IsHolding => _guard is { IsHolding: true };

    /// <summary>By partition, the offset of the last reading that was acknowledged.</summary>
    public IReadOnlyDictionary<int, long> LastOffsets => _lastOffsets;

    /// <summary>Of those that somebody waits for, none is under way.</summary>
    public bool IsSettled => Volatile.Read(ref _underWay) == 0;

    /// <summary>A reading that somebody waits for sets out.</summary>
    /// <returns>Ends when it has arrived or failed.</returns>
    public IDisposable Begin()
    {
        Interlocked.Increment(ref _underWay);
        return new UnderWay(this);
    }

    /// <param name="offset">The last of so many.</param>
    public void Acknowledge(int partition, long offset, int count = 1)
    {
        // Reports come on the client's thread and on that of a flush, hence not in order.
        _lastOffsets.AddOrUpdate(partition, static (_, offset) => offset, static (_, last, offset) => Math.Max(last, offset), offset);
        Interlocked.Add(ref _acknowledged, count);
    }

    public void Fail(string reason)
    {
        Interlocked.Increment(ref _failed);
        _failure = reason;
    }

    /// <returns>The guard, if the broker is one that forgets; asked once, as soon as the broker answers.</returns>
    public async ValueTask<RetentionGuard?> GuardAsync()
    {
        if (_isConnected)
        {
            return _guard;
        }

        await _connecting.WaitAsync();
        try
        {
            if (!_isConnected)
            {
                using var admin = clients.Admin();
                var metadata = await TopicIdentity.MetadataAsync(admin);
                _guard = TopicIdentity.IsEmbedded(metadata)
                    ? new(clients, metadata.Topics.Find(topic => topic.Topic == clients.Options.Topic)?.Partitions.Count ?? 1, clock) : null;
                _isConnected = true;
            }

            return _guard;
        }
        finally
        {
            _connecting.Release();
        }
    }

    public void Dispose()
    {
        _guard?.Dispose();
        _connecting.Dispose();
    }

    private sealed class UnderWay(DeliveryTracker readings) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref readings._underWay);
    }
}
