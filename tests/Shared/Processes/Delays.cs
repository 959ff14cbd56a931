using System.Diagnostics;
using GrainSensors.Ingest.Producing;
using Npgsql;

namespace GrainSensors.Tests.Shared;

/// <summary>
/// Watches how long readings take from Kafka's acknowledgement until they are durable in their windows: takes down where
/// the log ended at a moment, and when the checkpoints had passed that.
/// </summary>
internal sealed class Delays : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly NpgsqlDataSource _dataSource;
    private readonly ReadingProducer _producer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<(long At, Dictionary<int, long> LastOffsets)> _open = new();
    private readonly Task _running;
    private double _longest;
    private Dictionary<int, long> _checkpoints = [];
    private long _answered = Stopwatch.GetTimestamp();

    public Delays(NpgsqlDataSource dataSource, ReadingProducer producer)
    {
        _dataSource = dataSource;
        _producer = producer;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Everything that was in the log some time ago is durable.</summary>
    public bool AreShort(TimeSpan limit)
    {
        lock (_open)
        {
            return !_open.TryPeek(out var oldest) || Stopwatch.GetElapsedTime(oldest.At) < limit;
        }
    }

    /// <summary>Everything up to these offsets, by partition, was durable when the checkpoints were last read.</summary>
    public bool WereOver(IReadOnlyDictionary<int, long> lastOffsets)
    {
        lock (_open)
        {
            return IsCovered(lastOffsets, _checkpoints);
        }
    }

    /// <summary>Everything up to these offsets, by partition, is durable.</summary>
    public async Task<bool> AreOverAsync(IReadOnlyDictionary<int, long> lastOffsets) =>
        await CheckpointsAsync() is { } checkpoints && IsCovered(lastOffsets, checkpoints);

    /// <returns>The longest one since the last call, one that still lasts included.</returns>
    public TimeSpan TakeLongest()
    {
        lock (_open)
        {
            var lasting = _open.TryPeek(out var oldest) ? Stopwatch.GetElapsedTime(oldest.At).TotalSeconds : 0;
            var longest = Math.Max(_longest, lasting);
            _longest = 0;
            return TimeSpan.FromSeconds(longest);
        }
    }

    /// <returns>What is not durable yet, by partition.</returns>
    public override string ToString()
    {
        lock (_open)
        {
            var checkpoints = _checkpoints;
            var waiting = _producer.LastOffsets.Where(last => checkpoints.GetValueOrDefault(last.Key) <= last.Value)
                .Select(last => $"{last.Key}: {checkpoints.GetValueOrDefault(last.Key)} of {last.Value + 1}");
            return FormattableString.Invariant(
                $"{string.Join(", ", waiting)}; the database answered {Stopwatch.GetElapsedTime(_answered).TotalSeconds:0} s ago");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var pace = new PeriodicTimer(Interval);
        while (!_stop.IsCancellationRequested)
        {
            await pace.WaitForNextTickAsync(CancellationToken.None);
            var at = Stopwatch.GetTimestamp();
            var lastOffsets = _producer.LastOffsets.ToDictionary();
            lock (_open)
            {
                _open.Enqueue((at, lastOffsets));
            }

            if (await CheckpointsAsync() is { } checkpoints)
            {
                Settle(checkpoints);
            }
        }
    }

    private void Settle(Dictionary<int, long> checkpoints)
    {
        lock (_open)
        {
            (_checkpoints, _answered) = (checkpoints, Stopwatch.GetTimestamp());
            while (_open.TryPeek(out var oldest) && IsCovered(oldest.LastOffsets, checkpoints))
            {
                _longest = Math.Max(_longest, Stopwatch.GetElapsedTime(oldest.At).TotalSeconds);
                _open.Dequeue();
            }
        }
    }

    private static bool IsCovered(IReadOnlyDictionary<int, long> lastOffsets, Dictionary<int, long> checkpoints) =>
        lastOffsets.All(last => checkpoints.GetValueOrDefault(last.Key) > last.Value);

    /// <returns>By partition; null: the database is away.</returns>
    private async Task<Dictionary<int, long>?> CheckpointsAsync()
    {
        try
        {
            var checkpoints = new Dictionary<int, long>();
            await using var command = _dataSource.CreateCommand("SELECT partition, next_offset FROM checkpoints");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                checkpoints[reader.GetInt32(0)] = reader.GetInt64(1);
            }

            return checkpoints;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return null;
        }
    }
}
