using System.Threading.Channels;
using GrainSensors.Ingest.Streams;

namespace GrainSensors.Web.Views;

/// <summary>The windows that one client has missed, on their way to it.</summary>
internal sealed class MissedRange
{
    /// <summary>Messages that wait for the client.</summary>
    private const int Capacity = 1000;

    private readonly CancellationToken _cancellation;
    private readonly Dictionary<int, (long From, long To)> _needs = [];
    private readonly Channel<ClosedWindowEvent> _windows = Channel.CreateBounded<ClosedWindowEvent>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    private volatile bool _isBroken;

    public MissedRange(IReadOnlyDictionary<int, long> from, IReadOnlyDictionary<int, long> to, CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken;
        foreach (var (partition, end) in to)
        {
            if (from.TryGetValue(partition, out var first) && first != end)
            {
                // A position beyond the end is of an earlier topic of that name.
                _needs[partition] = (first < end ? first : 0, end);
            }
        }
    }

    public bool IsEmpty => _needs.Count == 0;

    /// <summary>The first offset by partition.</summary>
    public IEnumerable<(int Partition, long Offset)> Starts => _needs.Select(need => (need.Key, need.Value.From));

    /// <summary>False after the last window: Kafka was unavailable, the client was too slow, or it has gone.</summary>
    public bool IsComplete => !_isBroken && !_cancellation.IsCancellationRequested;

    public async IAsyncEnumerable<ClosedWindowEvent> WindowsAsync()
    {
        while (await HasMoreAsync())
        {
            while (_windows.Reader.TryRead(out var window))
            {
                yield return window;
            }
        }
    }

    /// <summary>Partitions that the topic no longer has are not waited for.</summary>
    /// <param name="positions">The first offset of the pass by partition.</param>
    public void Begin(IReadOnlyDictionary<int, long> positions)
    {
        foreach (var partition in _needs.Keys.Where(partition => !positions.ContainsKey(partition)).ToList())
        {
            _needs.Remove(partition);
        }
    }

    public bool Includes(ClosedWindowEvent window) =>
        _needs.TryGetValue(window.Partition, out var range) && window.Offset >= range.From && window.Offset < range.To;

    /// <returns>True: everything before the positions was given and nothing is missing, or the client has gone.</returns>
    public bool HasEnded(IReadOnlyDictionary<int, long> positions)
    {
        if (!_isBroken && !_cancellation.IsCancellationRequested && _needs.Any(need => positions[need.Key] < need.Value.To))
        {
            return false;
        }

        Complete();
        return true;
    }

    public async Task GiveAsync(ClosedWindowEvent window, TimeSpan timeout, TimeProvider clock)
    {
        if (_isBroken || _windows.Writer.TryWrite(window))
        {
            return;
        }

        try
        {
            await _windows.Writer.WriteAsync(window, _cancellation).AsTask().WaitAsync(timeout, clock, _cancellation);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Break();
        }
    }

    public void Complete() => _windows.Writer.TryComplete();

    /// <summary>The client receives what waits for it, and must resume for the rest.</summary>
    public void Break()
    {
        _isBroken = true;
        Complete();
    }

    private async Task<bool> HasMoreAsync()
    {
        try
        {
            return await _windows.Reader.WaitToReadAsync(_cancellation);
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
