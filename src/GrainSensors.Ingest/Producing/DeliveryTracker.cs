using System.Collections.Concurrent;
using GrainSensors.Ingest.Embedded;
using GrainSensors.Ingest.Kafka;

namespace GrainSensors.Ingest.Producing;

/// <summary>Tracks the delivery of all readings that this process sends, by any producer.</summary>
internal sealed class DeliveryTracker(KafkaClients clients, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly ConcurrentDictionary<int, long> _lastOffsets = new();
    private long _acknowledged;
    private long _failed;
    private int _inFlight;
    private volatile string? _failure;
    private RetentionGuard? _guard;
    private volatile bool _isConnected;

    /// <summary>The number of readings that Kafka has acknowledged.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The number of readings that Kafka refused or that timed out.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Why the last reading failed. Null if none has failed.</summary>
    public string? Failure => _failure;

    /// <summary>Readings wait, because the embedded broker would remove messages that the silos have not processed.</summary>
    public bool IsHolding => _guard is { IsHolding: true };

    /// <summary>The offset of the last acknowledged reading, by partition.</summary>
    public IReadOnlyDictionary<int, long> LastOffsets => _lastOffsets;

    /// <summary>No reading of <see cref="Begin"/> is in flight.</summary>
    public bool IsIdle => Volatile.Read(ref _inFlight) == 0;

    /// <summary>A reading is sent whose sender waits for the acknowledgement.</summary>
    /// <returns>To be disposed of when the reading was acknowledged or has failed.</returns>
    public IDisposable Begin()
    {
        Interlocked.Increment(ref _inFlight);
        return new InFlight(this);
    }

    /// <param name="partition">The partition.</param>
    /// <param name="offset">The offset of the last reading.</param>
    /// <param name="count">The number of readings.</param>
    public void Acknowledge(int partition, long offset, int count = 1)
    {
        // Reports arrive on the thread of the client and on that of a flush, and therefore out of order.
        _lastOffsets.AddOrUpdate(partition, static (_, offset) => offset, static (_, last, offset) => Math.Max(last, offset), offset);
        Interlocked.Add(ref _acknowledged, count);
    }

    public void Fail(string reason)
    {
        Interlocked.Increment(ref _failed);
        _failure = reason;
    }

    /// <returns>The guard of the embedded broker. Null for other brokers. It is created when the broker first answers.</returns>
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
                _guard = TopicIdentity.IsEmbedded(await TopicIdentity.MetadataAsync(admin))
                    ? new(clients, await TopicIdentity.PartitionsAsync(admin, clients.Options.Topic), clock)
                    : null;
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

    private sealed class InFlight(DeliveryTracker tracker) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref tracker._inFlight);
    }
}
