using GrainSensors.Core.Windows;
using GrainSensors.Ingest.Dispatch;

namespace GrainSensors.Ingest.Closing;

/// <summary>Asks grains to close windows, with one call for all due windows of a grain.</summary>
internal sealed class WindowCloser(SourceId source, List<ClosingWindow> windows)
{
    /// <summary>The maximum number of calls in flight.</summary>
    private const int MaxInFlight = 1024;

    private readonly ClosingGrain[] _grains = [.. windows.GroupBy(window => window.Handle)
        .Select(grain => new ClosingGrain(grain.Key, [.. grain.Select(window => window.Start)], grain.Key.Previous))];

    /// <summary>Windows that did not become final. They are due again.</summary>
    public List<ClosingWindow> NotClosed { get; } = [];

    /// <summary>The number of windows that became final, once <see cref="RunAsync"/> has completed.</summary>
    public int Closed => windows.Count - NotClosed.Count;

    /// <param name="failed">Receives the exception of each call that failed.</param>
    public async Task RunAsync(Action<Exception> failed)
    {
        var calls = new Task<bool>[Math.Min(MaxInFlight, _grains.Length)];
        for (var i = 0; i < _grains.Length + calls.Length; i++)
        {
            // The place of a call is free for the next one when the call has been answered.
            var earlier = i - calls.Length;
            if (earlier >= 0 && !await calls[earlier % calls.Length])
            {
                NotClosed.AddRange(_grains[earlier].Starts.Select(start => new ClosingWindow(_grains[earlier].Handle, start)));
            }

            if (i < _grains.Length)
            {
                calls[i % calls.Length] = CloseAsync(_grains[i], failed);
            }
        }
    }

    private async Task<bool> CloseAsync(ClosingGrain grain, Action<Exception> failed)
    {
        try
        {
            return await grain.Handle.Grain.Close(source, grain.Starts, grain.Previous);
        }
        catch (Exception e)
        {
            failed(e);
            return false;
        }
    }

    /// <summary>A grain that closes windows, and the last offset that it must have seen to do so.</summary>
    private sealed record ClosingGrain(WindowGrainHandle Handle, long[] Starts, long Previous);
}
